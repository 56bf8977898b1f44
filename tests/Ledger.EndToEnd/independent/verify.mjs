// Verifies an exported folder, its checkpoint and a receipt, or a page of evidence, from docs/entry-format.md, C2SP's
// specifications and RFCs alone. Node's own modules, nothing of the ledger's. Usage:
//   node verify.mjs FOLDER VKEY [RECEIPT ENTRY]
//   node verify.mjs evidence FILE.html VKEY [MONTH=KEYFILE ...]
// Of a page it verifies the data and that its words are those that were issued, not the answer, cosignatures or
// timestamps.
import { createDecipheriv, createHash, createPublicKey, hkdfSync, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unseal } from './aes-gcm-siv.mjs';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafHash = entry => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const fail = why => { console.error(`FALSE ${why}`); process.exit(1); };
const base64 = (text, coding = 'base64') => {
  const bytes = Buffer.from(text, coding);
  return bytes.toString(coding) === text ? bytes : fail(`not ${coding}: ${text}`);
};

function root(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(root(hashes.slice(0, split)), root(hashes.slice(split)));
}

function keyOf(vkey) {
  const plus = vkey.indexOf('+');
  const [name, id, encoded] = [vkey.slice(0, plus), ...vkey.slice(plus + 1).split(/\+(.*)/s, 2)];
  const key = Buffer.from(encoded, 'base64');
  if (key[0] !== 1 || sha256(Buffer.from(`${name}\n`), key).subarray(0, 4).toString('hex') !== id) {
    fail('the vkey is not one of Ed25519');
  }
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)]);
  return { name, id, ed25519: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
}

function isSignedBy(note, vkey) {
  const { name, id, ed25519 } = keyOf(vkey);
  const end = note.indexOf('\n\n') + 1;
  const text = Buffer.from(note.slice(0, end));
  return note.slice(end + 1).split('\n').filter(line => line.startsWith(`\u2014 ${name} `)).some(line => {
    const signature = base64(line.split(' ')[2]);
    return signature.subarray(0, 4).toString('hex') === id && verify(null, text, ed25519, signature.subarray(4));
  });
}

// The keys in the order in which they signed, from the pinned one both ways: each with the size that it begins after.
function follow(pinned, successions) {
  const links = successions.map(note => {
    const [title, old, next, from, , what, end] = note.split('\n');
    const holds = title === 'caf-ledger/key-succession/v1' && /^(0|[1-9][0-9]*)$/.test(from) && end === ''
      && (what === 'rotated' || what === 'revoked') && keyOf(old).name === keyOf(next).name
      && isSignedBy(note, old) && isSignedBy(note, next);
    return holds ? { old, next, from: Number(from), what } : fail('a succession is not signed by both keys');
  });
  const one = which => {
    const found = links.filter(which);
    if (found.length > 1) fail('two successions are about one key');
    links.splice(0, links.length, ...links.filter(link => !found.includes(link)));
    return found[0];
  };
  const keys = [{ vkey: pinned, from: 0, revoked: false }];
  for (let link; (link = one(l => l.next === keys[0].vkey));) {
    keys[0].from = link.from;
    keys.unshift({ vkey: link.old, from: 0, revoked: link.what === 'revoked' });
  }
  for (let link; (link = one(l => l.old === keys.at(-1).vkey));) {
    if (link.what === 'revoked') fail('the key was revoked');
    keys.push({ vkey: link.next, from: link.from, revoked: false });
  }
  return keys;
}

function openCheckpoint(note, keys, alone = false) {
  const [origin, size, hash] = note.split('\n');
  const { vkey, revoked } = keys.findLast((key, i) => i === 0 || key.from < Number(size));
  if (alone && revoked) fail('it is signed by a key that was revoked since');
  if (!isSignedBy(note, vkey)) fail('no signature of the key of its time holds');
  if (origin !== keyOf(vkey).name) fail('the checkpoint is of another ledger');
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
  const led = join(folder, 'successions');
  const keys = follow(vkey, existsSync(led) ? JSON.parse(readFileSync(led, 'utf8')) : []);
  const checkpoint = openCheckpoint(readFileSync(join(folder, 'checkpoint'), 'utf8'), keys);
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
function holds(index, entry, path, checkpoint) {
  let [node, last, hash] = [index, checkpoint.size - 1, leafHash(entry)];
  if (!Number.isSafeInteger(index) || index < 0 || index > last) fail(`position ${index} is not under the checkpoint`);
  for (const sibling of path.map(text => base64(text))) {
    if (last === 0 || sibling.length !== 32) fail(`the proof of position ${index} is not one`);
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  if (last !== 0 || !hash.equals(checkpoint.root)) fail(`the entry is not at position ${index}`);
}

function verifyReceipt(text, entry, vkey) {
  const [head, ...rest] = text.split('\n\n');
  const checkpoint = openCheckpoint(rest.join('\n\n'), follow(vkey, []));
  const lines = head.split('\n').filter(line => !line.startsWith('extra '));
  if (lines[0] !== 'c2sp.org/tlog-proof@v1') fail('not a receipt');
  const index = Number(lines[1].slice('index '.length));
  if (entry.toString('utf8').split('\n')[1] !== String(index)) fail('the receipt is another entry\'s');
  holds(index, entry, lines.slice(2), checkpoint);
  return index;
}

// JSON without a name twice: as many names are written as are found.
function strictJson(text) {
  const names = value => Array.isArray(value) ? 0 : Object.keys(value).length;
  const found = value => value === null || typeof value !== 'object' ? 0
    : Object.values(value).reduce((sum, member) => sum + found(member), names(value));
  const value = JSON.parse(text);
  const written = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g).filter(string => string.endsWith(':')).length;
  return written === found(value) ? value : fail('a name is there twice');
}
const utf8 = text => text.isWellFormed() ? Buffer.from(text) : fail('not Unicode');
const fromUtf8 = bytes => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

function has(value, what, required, optional = '') {
  const names = Object.keys(value);
  const missing = required.split(' ').filter(name => !names.includes(name));
  const unknown = names.filter(name => !`${required} ${optional}`.split(' ').includes(name));
  const wrong = [...missing, ...unknown].join(', ');
  if (wrong !== '') fail(`${what} has not the members documented: ${wrong}`);
}
const isText = value => typeof value === 'string' && value !== '';

function openEvent(item, checkpoint) {
  has(item, 'an event', 'entry salt content path');
  const lines = item.entry.split('\n');
  const what = `position ${lines[1]}`;
  if (lines[0] !== 'caf-ledger/entry/v1' || lines.length !== 9 || lines[8] !== '') fail(`${what} is not an entry`);
  if (!/^(0|[1-9]\d*)$/.test(lines[1])) fail(`${what} is none`);
  holds(Number(lines[1]), utf8(item.entry), item.path, checkpoint);
  const [salt, bytes] = [base64(item.salt), base64(item.content)];
  if (salt.length !== 16 || sha256(salt, bytes).toString('base64') !== lines[7]) fail(`${what} has another content`);
  const content = strictJson(fromUtf8(bytes));
  has(content, what, 'context event');
  const { actor, requestId, recordedBy } = content.context;
  has(content.context, `${what}, context`, 'actor requestId recordedBy', 'act correlationId');
  has(actor, `${what}, actor`, 'id', 'caf siret bearer');
  if (!Object.values(actor).every(isText) || !isText(recordedBy)) fail(`${what} does not say who acts`);
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(requestId)) fail(`${what} has no request id`);
  return { position: Number(lines[1]), type: lines[6], requestId, event: content.event };
}

const paris = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Paris', year: 'numeric', month: '2-digit' });
function monthOf(instant) {
  const part = Object.fromEntries(paris.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}`;
}
const monthKey = (key, use) => Buffer.from(hkdfSync('sha256', key, '', `caf-ledger/month/${use}/v1`, 32));

function dossierBehind(file, key) {
  const block = createDecipheriv('aes-256-ecb', monthKey(key, 'pseudonym'), null).setAutoPadding(false);
  return Buffer.concat([block.update(base64(file, 'base64url')), block.final()]).toString('base64url');
}

// The page without its data and its proofs is what the log holds the digest of; the proofs are those of the data.
function isIssued(page, evidence, salt, digest) {
  const parts = page.replaceAll('\r\n', '\n').match(
    /^\uFEFF?(.*?)<script type="application\/json" id="caf-ledger-evidence-v2">.*?<\/script>(.*)$/s);
  const proofs = parts[2].split('<pre id="caf-ledger-proofs">');
  if (proofs.length !== 2 || !proofs[1].includes('</pre>')) return false;
  const end = proofs[1].indexOf('</pre>');
  const wanted = `${evidence.issued.entry}\n${evidence.checkpoint}\n${evidence.vkey}\n`;
  if (unescaped(proofs[1].slice(0, end)) !== wanted) return false;
  const shown = `${parts[1]}\0${proofs[0]}\0${proofs[1].slice(end + '</pre>'.length)}`;
  return sha256(Buffer.concat([salt, utf8(shown)])).toString('base64') === digest;
}

function unescaped(html) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return html.replace(/&(#x([0-9A-F]+)|#39|[a-z]+);/g,
    (all, name, hex) => hex ? String.fromCodePoint(parseInt(hex, 16)) : named[name] ?? (name === '#39' ? "'" : all));
}

function verifyEvidence(page, vkey, keys) {
  const element = /<script type="application\/json" id="caf-ledger-evidence-v2">(.*?)<\/script>/gs;
  const text = fromUtf8(page);
  const data = [...text.matchAll(element)];
  if (data.length !== 1) fail('the page holds no evidence, or more than one');
  if (data[0][1].includes('<')) fail('the data hold a <, at which a browser may end them');
  const evidence = strictJson(data[0][1]);
  has(evidence, 'the evidence', 'language statement issued events vkey successions checkpoint timestamps');
  const signing = follow(vkey, evidence.successions);
  if (!signing.some(key => key.vkey === evidence.vkey)) fail('the page names another key');
  const checkpoint = openCheckpoint(evidence.checkpoint, signing, true);
  const statement = strictJson(evidence.statement);
  has(statement, 'the statement', 'salt question knownAt about restsOn files consultations rights');
  if (base64(statement.salt).length !== 32) fail('the statement has no salt');

  const issued = openEvent(evidence.issued, checkpoint);
  const digest = sha256(utf8(evidence.statement)).toString('base64');
  if (issued.type !== 'evidence-issued.v1' || issued.event.digest !== digest) {
    fail('this statement is not the one that was issued');
  }
  const issuedPage = isIssued(fromUtf8(page), evidence, base64(statement.salt), issued.event.page);
  const events = evidence.events.map(item => openEvent(item, checkpoint));
  const wanted = [...new Set([...statement.about, ...statement.restsOn])].sort((a, b) => a - b);
  if (events.map(event => event.position).join() !== wanted.join()) {
    fail('the events are not those of the statement, in order');
  }
  const late = events.find(event => event.position > statement.knownAt);
  if (late) fail(`position ${late.position} is after what was known`);

  const counts = { files: 0, sealed: 0 };
  const keyAt = event => keys.get(monthOf(event.occurredAt ?? event.usage.occurredAt));
  for (const { position, dossier } of statement.files) {
    const opened = events.find(event => event.position === position);
    if (!opened?.type.startsWith('consultation-recorded.') || !statement.about.includes(position)) {
      fail(`no consultation at position ${position} is asked about`);
    }
    if (base64(dossier, 'base64url').length !== 16) fail(`the file at position ${position} has no pseudonym`);
    const key = keyAt(opened.event);
    if (key && dossierBehind(opened.event.file, key) !== dossier) fail(`another file was opened at ${position}`);
    if (key) counts.files++;
  }
  for (const { requestId, event } of events) {
    for (const [name, sealed] of Object.entries(event.sealed ?? event.usage?.sealed ?? {})) {
      const key = keyAt(event);
      if (!key) continue;
      const id = Buffer.from(requestId.replaceAll('-', ''), 'hex');
      const nonce = name === 'rest' ? sha256(id).subarray(0, 12) : Buffer.alloc(12);
      const text = unseal(base64(sealed, 'base64url'), utf8(name), nonce, monthKey(key, 'detail'));
      if (!text) fail(`what is sealed as ${name} is not of this month's key`);
      fromUtf8(text);
      counts.sealed++;
    }
  }
  const words = issuedPage ? '' : 'OTHER WORDS ';
  return `${words}${JSON.stringify(statement.question)} ${events.length} events hold under ${checkpoint.size} entries; `
    + `${counts.files} of ${statement.files.length} files and ${counts.sealed} sealed texts opened with the keys given`;
}

process.on('uncaughtException', error => fail(`not as documented: ${error.message}`));
if (process.argv[2] === 'evidence') {
  const [file, vkey, ...months] = process.argv.slice(3);
  const keys = new Map(months.map(pair => [pair.slice(0, 7), readFileSync(pair.slice(8))]));
  console.log(`TRUE ${verifyEvidence(readFileSync(file), vkey, keys)}`);
} else {
  const [folder, vkey, receipt, entry] = process.argv.slice(2);
  console.log(`WHOLE ${verifyFolder(folder, vkey)} entries`);
  if (receipt) console.log(`HOLDS position ${verifyReceipt(readFileSync(receipt, 'utf8'), readFileSync(entry), vkey)}`);
}
