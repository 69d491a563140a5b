import CMnl
import Glibc
import Netlink

// Algorithms in the kernel's form: a fixed struct with name and lengths, and the key after it (`xfrm_algo`, `xfrm_algo_aead`, `xfrm_algo_auth`).

extension ESPTransform {
    func encode(into encoder: inout MessageEncoder) throws(NetlinkError) {
        switch self {
        case .aead(let algorithm, let key, let icvBits):
            var header = xfrm_algo_aead()
            copy(algorithm.rawValue, into: &header.alg_name)
            header.alg_key_len = UInt32(key.count * 8)
            header.alg_icv_len = icvBits
            try encoder.put(AttributeType(XFRMA_ALG_AEAD), header, followedBy: key)
        case .separate(let encryption, let key, let integrity, let integrityKey, let icvBits):
            var hash = xfrm_algo_auth()
            copy(integrity.rawValue, into: &hash.alg_name)
            hash.alg_key_len = UInt32(integrityKey.count * 8)
            hash.alg_trunc_len = icvBits
            try encoder.put(AttributeType(XFRMA_ALG_AUTH_TRUNC), hash, followedBy: integrityKey)
            var cipher = xfrm_algo()
            copy(encryption.rawValue, into: &cipher.alg_name)
            cipher.alg_key_len = UInt32(key.count * 8)
            try encoder.put(AttributeType(XFRMA_ALG_CRYPT), cipher, followedBy: key)
        }
    }

    /// nil when there is no algorithm: an SA that is only reserved yet.
    init?(in attributes: NetlinkAttributes) throws(NetlinkError) {
        if let attribute = attributes[AttributeType(XFRMA_ALG_AEAD)] {
            let header = try attribute.load(as: xfrm_algo_aead.self)
            self = .aead(
                AEADAlgorithm(rawValue: text(header.alg_name)),
                key: try attribute.key(after: xfrm_algo_aead.self, bits: header.alg_key_len),
                icvBits: header.alg_icv_len)
        } else if let attribute = attributes[AttributeType(XFRMA_ALG_CRYPT)] {
            let cipher = try attribute.load(as: xfrm_algo.self)
            let key = try attribute.key(after: xfrm_algo.self, bits: cipher.alg_key_len)
            var integrity = IntegrityAlgorithm.none
            var integrityKey = KeyMaterial([])
            var icvBits: UInt32 = 0
            if let attribute = attributes[AttributeType(XFRMA_ALG_AUTH_TRUNC)] {
                let hash = try attribute.load(as: xfrm_algo_auth.self)
                integrity = IntegrityAlgorithm(rawValue: text(hash.alg_name))
                integrityKey = try attribute.key(after: xfrm_algo_auth.self, bits: hash.alg_key_len)
                icvBits = hash.alg_trunc_len
            }
            self = .separate(
                EncryptionAlgorithm(rawValue: text(cipher.alg_name)), key: key, integrity: integrity, integrityKey: integrityKey,
                icvBits: icvBits)
        } else {
            return nil
        }
    }
}

extension MessageEncoder {
    /// Puts a struct with a key behind it, as one attribute.
    fileprivate mutating func put<Header: KernelStruct>(
        _ attribute: AttributeType, _ header: Header, followedBy key: KeyMaterial
    ) throws(NetlinkError) {
        let length = MemoryLayout<Header>.size + key.count
        let failure: NetlinkError? = withUnsafeTemporaryAllocation(byteCount: length, alignment: 8) { payload in
            // The stack must not keep the key.
            defer { explicit_bzero(payload.baseAddress!, length) }
            withUnsafeBytes(of: header) { payload.copyMemory(from: $0) }
            key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: payload[MemoryLayout<Header>.size...]).copyMemory(from: $0) }
            do throws(NetlinkError) {
                try put(attribute, UnsafeRawBufferPointer(payload))
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}

extension NetlinkAttributes.Attribute {
    fileprivate func key<Header: KernelStruct>(after header: Header.Type, bits: UInt32) throws(NetlinkError) -> KeyMaterial {
        let key = payload.dropFirst(MemoryLayout<Header>.size)
        // In 64 bits: a length near the field's maximum must not overflow.
        let count = Int((UInt64(bits) + 7) / 8)
        guard key.count >= count else {
            throw NetlinkError(.malformed("attribute \(type.rawValue) has \(key.count) of \(count) bytes of key"))
        }
        return KeyMaterial(key.prefix(count))
    }
}

/// Copies an algorithm's name into a C array of 64 characters, cut so that a NUL ends it: the kernel knows no name of that length.
private func copy<Name: BitwiseCopyable>(_ name: String, into field: inout Name) {
    withUnsafeMutableBytes(of: &field) { field in
        var name = name
        name.withUTF8 { field.copyBytes(from: $0.prefix(field.count - 1)) }
    }
}

private func text<Name: BitwiseCopyable>(_ field: Name) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
