// Verifies an exported folder, its checkpoint and a receipt, from docs/entry-format.md and C2SP's specifications alone.
// Node's own modules, nothing of the ledger's. Usage: node verify.mjs FOLDER VKEY [RECEIPT ENTRY]
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafHash = entry => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const fail = why => { console.error(`FALSE ${why}`); process.exit(1); };

function root(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(root(hashes.slice(0, split)), root(hashes.slice(split)));
}

function openCheckpoint(note, vkey) {
  const plus = vkey.indexOf('+');
  const [name, id, encoded] = [vkey.slice(0, plus), ...vkey.slice(plus + 1).split(/\+(.*)/s, 2)];
  const key = Buffer.from(encoded, 'base64');
  if (key[0] !== 1 || sha256(Buffer.from(`${name}\n`), key).subarray(0, 4).toString('hex') !== id) {
    fail('the vkey is not one of Ed25519');
  }
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)]);
  const ed25519 = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const end = note.indexOf('\n\n') + 1;
  const text = Buffer.from(note.slice(0, end));
  const signed = note.slice(end + 1).split('\n').filter(line => line.startsWith(`\u2014 ${name} `)).some(line => {
    const signature = Buffer.from(line.split(' ')[2], 'base64');
    return signature.subarray(0, 4).toString('hex') === id && verify(null, text, ed25519, signature.subarray(4));
  });
  if (!signed) fail('no signature of the key holds');
  const [origin, size, hash] = note.split('\n');
  if (origin !== name) fail('the checkpoint is of another ledger');
  return { size: Number(size), root: Buffer.from(hash, 'base64') };
}

const group = index => {
  const digits = String(index).padStart(3 * Math.max(1, Math.ceil(String(index).length / 3)), '0').match(/.{3}/g);
  return digits.map((part, i) => (i + 1 < digits.length ? `x${part}` : part)).join('/');
};
const tilePath = (kind, index, width) => join('tile', kind, group(index) + (width < 256 ? `.p/${width}` : ''));

function bundle(bytes) {
  const entries = [];
  for (let at = 0, end; at < bytes.length; at = end) {
    end = at + 2 + bytes.readUInt16BE(at);
    entries.push(bytes.subarray(at + 2, end));
  }
  return entries;
}

function verifyFolder(folder, vkey) {
  const checkpoint = openCheckpoint(readFileSync(join(folder, 'checkpoint'), 'utf8'), vkey);
  const leaves = [];
  let previous = Buffer.alloc(32);
  for (let index = 0; index * 256 < checkpoint.size; index++) {
    const width = Math.min(256, checkpoint.size - index * 256);
    for (const entry of bundle(readFileSync(join(folder, tilePath('entries', index, width))))) {
      const lines = entry.toString('utf8').split('\n');
      if (lines[0] !== 'caf-ledger/entry/v1' || lines.length !== 9 || lines[8] !== '') {
        fail(`entry ${leaves.length} is not one`);
      }
      if (Number(lines[1]) !== leaves.length) fail(`entry ${leaves.length} says position ${lines[1]}`);
      if (lines[2] !== previous.toString('base64')) fail(`entry ${leaves.length} does not follow the one before it`);
      previous = leafHash(entry);
      leaves.push(previous);
    }
    const tile = readFileSync(join(folder, tilePath('0', index, width)));
    if (!tile.equals(Buffer.concat(leaves.slice(index * 256)))) fail(`the tile ${index} is not that of its entries`);
  }
  if (leaves.length !== checkpoint.size || !root(leaves).equals(checkpoint.root)) {
    fail('the entries are not those that were signed');
  }
  return leaves.length;
}

// RFC 9162, section 2.1.3.2.
function verifyReceipt(text, entry, vkey) {
  const [head, ...rest] = text.split('\n\n');
  const checkpoint = openCheckpoint(rest.join('\n\n'), vkey);
  const lines = head.split('\n').filter(line => !line.startsWith('extra '));
  if (lines[0] !== 'c2sp.org/tlog-proof@v1') fail('not a receipt');
  const index = Number(lines[1].slice('index '.length));
  let [node, last, hash] = [index, checkpoint.size - 1, leafHash(entry)];
  for (const sibling of lines.slice(2).map(line => Buffer.from(line, 'base64'))) {
    if (last === 0) fail('the proof is too long');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  if (last !== 0 || !hash.equals(checkpoint.root)) fail(`the entry is not at position ${index}`);
  return index;
}

const [folder, vkey, receipt, entry] = process.argv.slice(2);
console.log(`WHOLE ${verifyFolder(folder, vkey)} entries`);
if (receipt) console.log(`HOLDS position ${verifyReceipt(readFileSync(receipt, 'utf8'), readFileSync(entry), vkey)}`);
