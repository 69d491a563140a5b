/// What the portal's pages have besides the report's looks.
enum PortalStyle {
    static let sheet = """

        nav{display:flex;gap:1rem;margin-bottom:1rem}
        a{color:var(--one)}
        h1{font-size:1.5rem}
        button,select{font:inherit;padding:.45rem .9rem;border-radius:.3rem;border:1px solid var(--rest);background:var(--panel);color:var(--ink)}
        button{cursor:pointer;font-weight:600}
        button.danger{border-color:var(--bad);color:var(--bad)}
        a:focus-visible,button:focus-visible,select:focus-visible{outline:3px solid var(--one);outline-offset:2px}
        form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:.75rem 0}
        .state{font-weight:650}
        .Connected,.active,.Available{color:var(--good)}
        .NotConnected,.gone,.restarting,.Unavailable,.Failed{color:var(--bad)}
        .instances{display:flex;flex-wrap:wrap;gap:1rem;margin:.75rem 0}
        .instance{border:2px solid var(--line);border-radius:.4rem;padding:.6rem 1rem;min-width:14rem;background:var(--panel)}
        .instance:has(.active){border-color:var(--good)}
        .graph{height:9rem;background:var(--panel);border-radius:.2rem}
        .notice{border-left:4px solid var(--two);padding:.3rem .8rem;background:var(--panel)}
        .notice:empty{display:none}
        """
}

/// Keeps a page as the lab is. Without it the page is that of the moment when it was asked for, and everything can be done all the same.
enum PortalScript {
    static let text = """
        (() => {
          const path = document.body.dataset.live;
          if (!path || !window.EventSource) return;
          const set = (selector, text, state) => document.querySelectorAll(selector).forEach(element => {
            if (element.textContent !== text) element.textContent = text;
            if (state !== undefined) element.className = "state " + state;
          });
          const quoted = name => CSS.escape(name);
          const graph = document.querySelector("[data-graph]");
          const series = {toGateway: [], toSite: []};
          const seconds = 120;
          const draw = connection => {
            for (const direction of ["toGateway", "toSite"]) {
              const values = series[direction];
              values.push(connection[direction]);
              if (values.length > seconds) values.shift();
              const points = values.map((value, index) => value === null ? null :
                ((seconds - values.length + index) * 1000 / (seconds - 1)).toFixed(1) + "," + (98 - value * 0.96).toFixed(1));
              graph.querySelector("[data-line=" + direction + "]").setAttribute("points", points.filter(point => point).join(" "));
            }
            const loss = ["toGateway", "toSite"].map(direction => connection[direction] ?? 0);
            graph.setAttribute("aria-label", "Lost probes now: to gateway " + loss[0] + " %, to site " + loss[1] + " %");
            graph.dataset.worst = Math.max(Number(graph.dataset.worst || 0), ...loss);
            graph.dataset.now = Math.max(...loss);
          };
          const source = new EventSource(path);
          source.onmessage = message => {
            const status = JSON.parse(message.data);
            if (status.failure) { set("[data-notice]", status.failure); return; }
            set("[data-notice]", status.underWay ? "Under way: " + status.underWay : "");
            for (const instance of status.instances) {
              set("[data-instance=" + quoted(instance.name) + "]", instance.state, instance.state);
              set("[data-addresses=" + quoted(instance.name) + "]", instance.addresses || "holds no address");
            }
            for (const connection of status.connections) {
              const name = quoted(connection.name);
              set("[data-status=" + name + "]", connection.status, connection.status);
              set("[data-ingress=" + name + "]", connection.ingress);
              set("[data-egress=" + name + "]", connection.egress);
              for (const direction of ["toGateway", "toSite"]) {
                set("[data-" + direction.toLowerCase() + "=" + name + "]", connection[direction] === null ? "–" : connection[direction] + " %");
              }
              if (graph && graph.dataset.graph === connection.name) draw(connection);
            }
          };
          source.onerror = () => set("[data-notice]", "The server does not answer; this page shows what it knew last.");
        })();
        """
}
