/// How the page looks: light and dark, on a phone, on paper. Colours after Okabe and Ito, told apart by everyone; never colour alone.
package enum PageStyle {
    package static let sheet = """
        :root{color-scheme:light dark;--paper:#fdfdfb;--ink:#1b1e23;--soft:#5a616c;--line:#d9dbd6;--panel:#f3f4f0;--arrived:#56b4e9;--lost:#d55e00;\
        --good:#00694d;--bad:#a63c00;--one:#0072b2;--two:#e69f00;--three:#009e73;--four:#cc79a7;--rest:#8a8f98}
        @media(prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e8e9e6;--soft:#a3aab4;--line:#343941;--panel:#1d2127;--arrived:#2f7fb0;\
        --lost:#ff8a3d;--good:#4fd0a5;--bad:#ff9a5c;--one:#4aa3df;--two:#f0b73a;--three:#2cc295;--four:#e39cc4;--rest:#79808a}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{max-width:70rem;margin:0 auto;padding:1.25rem}
        h1{font-size:1.15rem;margin:0;font-weight:600}
        h2{font-size:1.15rem;margin:2.25rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
        h3{font-size:1rem;margin:1.25rem 0 .25rem}
        p{margin:.4rem 0;max-width:48rem}
        .soft{color:var(--soft)}
        .headline{font-size:2.6rem;line-height:1.15;font-weight:650;margin:.6rem 0 0;font-variant-numeric:tabular-nums}
        .verdict{display:inline-block;font-weight:650;border:2px solid currentColor;border-radius:.3rem;padding:0 .5rem;margin-right:.6rem}
        .good{color:var(--good)}.bad{color:var(--bad)}
        .scroll{overflow-x:auto;max-width:100%}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
        caption{text-align:left;color:var(--soft);padding:.25rem 0;font-size:.85rem;max-width:min(48rem,calc(100vw - 2rem))}
        th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
        th{font-weight:600;color:var(--soft);white-space:nowrap}
        tbody th{font-weight:400;color:inherit;white-space:normal}
        td.n,th.n{text-align:right;white-space:nowrap}
        td.t{white-space:nowrap}
        ul{padding-left:1.2rem;margin:.4rem 0}
        .lane{margin:.55rem 0}
        .lane-name{display:flex;justify-content:space-between;gap:1rem;font-size:.85rem;margin-bottom:.1rem}
        .lane-name b{min-width:0;overflow-wrap:anywhere}h1,p,li,dd{overflow-wrap:anywhere}\
        .lane-name span{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
        svg{display:block;width:100%}
        .bar{height:1.35rem;background:var(--arrived);border-radius:.15rem}
        .plot{height:6rem;background:var(--panel);border-radius:.15rem}
        .steps{height:1.35rem;background:var(--panel);border-radius:.15rem}
        .axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.75rem;font-variant-numeric:tabular-nums}
        .key{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;font-size:.85rem;margin:.5rem 0;padding:0;list-style:none}
        .key svg{width:.9rem;height:.9rem;display:inline-block;vertical-align:-.1rem;margin-right:.35rem}
        .drawing{max-width:46rem;font-size:13px}
        .drawing text{fill:var(--ink)}.drawing .soft{fill:var(--soft)}
        code{font:.85em ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
        @media(max-width:40rem){body{font-size:15px}main{padding:.9rem}.headline{font-size:2rem}th,td{padding-right:.7rem}td,tbody th{white-space:nowrap}\
        td:last-child{white-space:normal;min-width:11rem}}
        @media print{:root{color-scheme:light;--paper:#fff;--panel:#f3f4f0}body{font-size:10.5pt}main{max-width:none;padding:0}.scroll{overflow:visible}\
        h2{break-after:avoid}table,.lane,.drawing{break-inside:avoid}table.long{break-inside:auto}tr{break-inside:avoid}\
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """
}
