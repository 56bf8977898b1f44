// AES-256-GCM-SIV (RFC 8452), which not every Node offers: POLYVAL, and a counter over blocks of AES.
import { createCipheriv } from 'node:crypto';

// The text; null where it was sealed with another key, as something else, or changed.
export function unseal(sealed, name, nonce, key) {
  const aes = (key, block) => createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block);
  const number = bytes => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const block = (low, tail) => {
    const bytes = Buffer.concat([Buffer.alloc(4), tail]);
    bytes.writeUInt32LE(low);
    return bytes;
  };
  const derived = [0, 1, 2, 3, 4, 5].map(i => aes(key, block(i, nonce)).subarray(0, 8));
  const [hashKey, cipherKey] = [number(Buffer.concat(derived.slice(0, 2))), Buffer.concat(derived.slice(2))];
  const count = bytes => ({ length: Math.ceil(bytes.length / 16) });
  const blocks = bytes => Array.from(count(bytes), (_, i) => bytes.subarray(i * 16, i * 16 + 16));
  const times = (a, b) => {                                    // a · b · x^-128, as POLYVAL multiplies
    let product = 0n;
    for (let i = 0n; i < 128n; i++) {
      if (a >> i & 1n) product ^= b;
      if (product & 1n) product ^= 1n << 128n | 1n << 127n | 1n << 126n | 1n << 121n | 1n;
      product >>= 1n;
    }
    return product;
  };
  const [ciphertext, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
  const start = Buffer.from(tag);
  start[15] |= 0x80;
  const text = Buffer.concat(blocks(ciphertext).map((part, i) => {
    const stream = aes(cipherKey, block((start.readUInt32LE() + i) >>> 0, start.subarray(4)));
    return Buffer.from(part.map((byte, at) => byte ^ stream[at]));
  }));
  const lengths = BigInt(name.length * 8) | BigInt(text.length * 8) << 64n;
  let sum = [...blocks(name), ...blocks(text)].map(number).reduce((sum, x) => times(sum ^ x, hashKey), 0n);
  sum = times(sum ^ lengths, hashKey) ^ number(nonce);
  const expected = Buffer.from((sum & ~(1n << 127n)).toString(16).padStart(32, '0'), 'hex').reverse();
  return tag.equals(aes(cipherKey, expected)) ? text : null;
}
