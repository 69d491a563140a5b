import Addressing
import Testing

@Suite struct MACAddressTests {
    @Test func localAddressesAreUnicastAndLocallyAdministered() {
        let address = MACAddress.local(block: 3, index: 0x0102_0304)
        #expect(address.description == "02:03:01:02:03:04")
        #expect(address.bytes[0] & 0b11 == 0b10)
    }

    @Test func textIsReadBack() {
        #expect(MACAddress("02:00:5E:10:00:ff")?.description == "02:00:5e:10:00:ff")
    }

    @Test(arguments: [
        "", "02:00:5e:10:00", "02:00:5e:10:00:ff:00", "2:0:5e:10:0:ff", "02-00-5e-10-00-ff", "+2:00:5e:10:00:ff", "0g:00:5e:10:00:ff",
    ])
    func anythingElseIsNoAddress(text: String) {
        #expect(MACAddress(text) == nil)
    }

    /// The example of RFC 2464 §4: 34-56-78-9A-BC-DE gives the interface identifier 36-56-78-FF-FE-9A-BC-DE.
    @Test func linkLocalAddressIsTheModifiedEUI64() throws {
        #expect(try #require(MACAddress("34:56:78:9a:bc:de")).linkLocalAddress.description == "fe80::3656:78ff:fe9a:bcde")
    }
}
