//! Handshakes of other programs with a fixed private key on our side, recorded and published with the tests
//! of Transmission: the private key, the torrent's name, and what the other side sent.

/// Our private key in both.
pub(crate) const PRIVATE_KEY: &str = "d0460a0b00564380e0f645f7739c718d5b410cac";
/// The torrent's v1 infohash.
pub(crate) const NAME: &str = "2c6b6858d61da9543d4231a71db4b1c9264b0685";

/// Transmission 3.00 calls: its public key.
pub(crate) const CALLER_KEY: &str = "\
    b2f93248815c0acac34de1e33ede75e9415bb2847ee6f7db7b9fe6eacb44eeee492d9d74909d7d36\
    63fae04d74a889e7efcb02ac9823c35c841c7c2bcce70a891958bdc328b7324c7be4a3ac55276b0d\
    ca05f9f66dc2818716ffb1f33d27b9c9\
";

/// … and what it sent when it had ours.
pub(crate) const CALLER_REST: &str = "\
    20202020202020202020a76be23201678c457cee31362455ec69766b34d2b9316ebb4e8d5355b244\
    f89fd35f0961e546c2b4cfb2d10fbb7579966ce3b4c1952da2f9104ae5a49f775ebcfe79ae842101\
    14640f83e2329a57fb68f4d562d38ff55b50363c7820f88f69b9a73f8bd06c14f7237507a856d53b\
    de53426d30d081389eca30d69b0a\
";

/// qBittorrent 4.2.5 was called: its public key.
pub(crate) const CALLED_KEY: &str = "\
    49f828abf9eb41f0f82308ab7e4fae84e99030e0bf4302bfbd888e69cb75345f53a565e6b3772f94\
    a10ac6cd155269e6cad461f5b8782dcb356ecc250ba474e57ac91b32e166a02a70b514011d554cb0\
    39a0a4a3475d37f3315b86773bd63aa5\
";

/// … and what it sent when it knew the torrent.
pub(crate) const CALLED_REST: &str = "\
    a5a677b2d790a13139f1d3642dfbcf25d19f4e58b51426b515cbe3a821a4cc48a0c31553a3ba3d32\
    f8889c13466737ad5ed3f47f83e00f44ae6d7a0c3448b67736bf3ecb80e5efbb19c9cd78d4f47dc6\
    f0e3d1d6b5780bdf06f5f2c837a6e2f523aa22d4342115f0a0d710c3c23d8010a036732ef332384b\
    4933f89fd28d1437cf125adb75923443f1436f5255c87ccd18b27261280e9f27bff881e2bbf96a36\
    6a271f68b14ec86e481096d383d39061b0c715aa15cc3d316340f1f89d25a2a33e0b3acf8fc52979\
    721c6c3ee926b4f75cf1026c5435d9c098e4b5b9472995231f133f46a31a24f1a2ed4bec36c60f9e\
    1262057fe2a15b69f46c5a9f403be60325ca2e15dfe389537eaf7968c6f7d3d00f47f43440311d2b\
    64aa50a57675640840b80397187148bedc3cc1de9d3f26debb9f8ba11d92f74fc8a701d62236cd6f\
    2a5066e03d867e097c53163cff531bf135d65a01e3e324acfdb653bd9ece32f98a977be001043f4f\
    eef301a3d6dda45e1343f4e35f6ac03ea58db9cbc18cd3833407bfb4c4a9ac1cfeed9edc102c0199\
    0131fcdeb3b16923b7fa8fd1762290240b06c4c214d3cb1c05ce553a6ac09a3798acb369167a5756\
    e6af1f989fef8f74ccc0aedc31271bd8696d86e25fde53f8451c45b33aa520afaf74f0ab54\
";
