/*
 * The text of a message in coloured pieces. Pure, and text only: a piece is
 * {cls, text} and becomes a text node, whatever a stranger wrote into it.
 */

const startLine = /^(SIP\/2\.0)( +)(\d{3})(.*)$|^([A-Z][A-Z0-9._-]*)( +)(\S+)( +)(SIP\/2\.0)$/;
const headerLine = /^([A-Za-z0-9!%*_+`'~.-]+)([ \t]*:)(.*)$/;
const sdpLine = /^([a-z])=(.*)$/;
const attribute = /^([A-Za-z0-9-]+)(:?)(.*)$/;
const escaped = /\\x[0-9A-Fa-f]{2}/;

function piece(cls, text) {
	return text === '' || text === undefined ? [] : [{ cls, text }];
}

/* Bytes that are no text stand as \xHH, and are shown as what they are. */
function withBytes(cls, text) {
	return text.split(/((?:\\x[0-9A-Fa-f]{2})+)/).flatMap((part) =>
		piece(escaped.test(part) ? 'byte' : cls, part));
}

function startPieces(line) {
	const m = startLine.exec(line);

	if (!m)
		return withBytes('start', line);
	if (m[1])
		return [...piece('version', m[1] + m[2]), ...piece('status', m[3]),
			...withBytes('start', m[4])];
	return [...piece('method', m[5]), ...piece('', m[6]), ...withBytes('uri', m[7]),
		...piece('version', m[8] + m[9])];
}

/* <uri> and ;name=value inside of a header's value. */
function valuePieces(value) {
	return value.split(/(<[^>]*>|;[^;=,<>" ]+)/).flatMap((part) =>
		part.startsWith('<') ? withBytes('uri', part) :
			part.startsWith(';') ? withBytes('param', part) : withBytes('', part));
}

function headerPieces(line) {
	const m = headerLine.exec(line);

	if (!m)
		return withBytes('', line);
	return [...piece('name', m[1]), ...piece('punct', m[2]), ...valuePieces(m[3])];
}

function sdpPieces(line) {
	const m = sdpLine.exec(line);

	if (!m)
		return withBytes('', line);
	if (m[1] !== 'a')
		return [...piece('sdp-type', `${m[1]}=`), ...withBytes(m[1] === 'm' ? 'mline' : '',
			m[2])];
	const a = attribute.exec(m[2]);

	return [...piece('sdp-type', 'a='), ...(a ? [...piece('name', a[1]),
		...piece('punct', a[2]), ...withBytes('', a[3])] : withBytes('', m[2]))];
}

export function linesOf(text) {
	return text.split(/\r\n|\n|\r/);
}

/* Lines as {kind: start|header|blank|sdp|body, pieces}; a web message has no start
 * and no headers. A line that goes on from
 * the one before begins with a blank and is a header, too. */
export function coloured(text) {
	const lines = linesOf(text);
	const blank = lines.indexOf('');
	const web = /^(v=0|\s*[{[<])/.test(text);
	const head = web ? 0 : blank < 0 ? lines.length : blank;

	return lines.map((line, i) => {
		if (i === 0 && !web)
			return { kind: 'start', pieces: startPieces(line) };
		if (i < head)
			return { kind: 'header', pieces: headerPieces(line) };
		if (line === '')
			return { kind: 'blank', pieces: [] };
		return sdpLine.test(line) ? { kind: 'sdp', pieces: sdpPieces(line) } :
			{ kind: 'body', pieces: withBytes('', line) };
	});
}

export function hasBytes(text) {
	return escaped.test(text);
}

/* The bytes of a text in which \xHH stands for one byte. */
export function bytesOf(text) {
	const encoder = new TextEncoder();
	const parts = text.split(/((?:\\x[0-9A-Fa-f]{2})+)/).map((part) =>
		escaped.test(part) ? part.split('\\x').slice(1).map((h) => parseInt(h, 16)) :
			[...encoder.encode(part)]);

	return parts.flat();
}

function hexRow(bytes, offset) {
	const hex = bytes.map((b) => b.toString(16).padStart(2, '0'));
	const left = hex.slice(0, 8).join(' ');
	const right = hex.slice(8).join(' ');
	const text = bytes.map((b) => b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.');

	return `${offset.toString(16).padStart(4, '0')}  ${left.padEnd(23)}  ` +
		`${right.padEnd(23)}  ${text.join('')}`;
}

/* Rows of sixteen bytes, as everybody writes them. */
export function hexDump(text) {
	const bytes = bytesOf(text);
	const rows = [];

	for (let i = 0; i < bytes.length; i += 16)
		rows.push(hexRow(bytes.slice(i, i + 16), i));
	return rows;
}

/* Tags of From and To, null where there is none. */
export function tagsOfText(text) {
	const head = text.split(/\r?\n\r?\n/, 1)[0];
	const tag = (name) => new RegExp(`^(?:${name})[ \\t]*:.*;[ \\t]*tag=([^;>\\s]+)`, 'im')
		.exec(head)?.[1] ?? null;

	return { from: tag('From|f'), to: tag('To|t') };
}
