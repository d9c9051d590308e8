// Script include DoorSignature
// Accessible from: this application scope only. Not client callable.

/** The signature of a message: HMAC-SHA256 over its raw text, with the secret of the pipeline. */
var DoorSignature = Class.create();
DoorSignature.prototype = {
  initialize: function () {},

  /**
   * Whether the header `X-Change-Actions-Signature-256` signs the text.
   * The comparison takes the same time wherever the two differ.
   */
  matches: function (text, header) {
    var secret = gs.getProperty('x_chgact.signing_secret', '');
    if (gs.nil(secret) || gs.nil(header)) return false;
    var mac = new CertificateEncryption().generateMac(gs.base64Encode(String(secret)), 'HmacSHA256', text);
    var expected = 'sha256=' + this.hex(String(mac));
    var sent = String(header).toLowerCase();
    var differences = expected.length ^ sent.length;
    for (var at = 0; at < expected.length; at++) {
      differences = differences | (expected.charCodeAt(at) ^ sent.charCodeAt(at));
    }
    return differences === 0;
  },

  /** Base64 as hex digits: the platform has no function for it. */
  hex: function (base64) {
    var digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    var hex = '';
    var bits = 0;
    var count = 0;
    for (var at = 0; at < base64.length; at++) {
      var value = digits.indexOf(base64.charAt(at));
      if (value < 0) continue;
      bits = (bits << 6) | value;
      count += 6;
      while (count >= 4) {
        count -= 4;
        hex += ((bits >> count) & 15).toString(16);
        bits = bits & ((1 << count) - 1);
      }
    }
    return hex.substring(0, 64);
  },

  type: 'DoorSignature'
};
