// SIP messages as text: as much as two phones and a registrar need.

import { randomBytes } from 'node:crypto';

export const token = (n = 5) => randomBytes(n).toString('hex');

// {method, uri} or {status}, headers by lower-case name (the first of each,
// all of Via and Record-Route), body.
export function parse(bytes) {
	const text = bytes.toString('utf8');
	const end = text.indexOf('\r\n\r\n');
	const [start, ...lines] = text.slice(0, end).split('\r\n');
	const m = { headers: {}, all: [], body: text.slice(end + 4) };

	if (start.startsWith('SIP/2.0 '))
		m.status = Number(start.slice(8, 11));
	else
		[m.method, m.uri] = start.split(' ');
	for (const line of lines) {
		const [, name, value] = /^([^:]+?)\s*:\s*(.*)$/.exec(line);
		m.all.push([name.toLowerCase(), value]);
		m.headers[name.toLowerCase()] ??= value;
	}
	return m;
}

// LENGTH false leaves Content-Length out, as RFC 7118 allows.
export function build(start, headers, body = '', length = true) {
	const lines = [start, ...headers.map(([n, v]) => `${n}: ${v}`)];

	if (length)
		lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
	return Buffer.from(lines.join('\r\n') + '\r\n\r\n' + body);
}

const echoed = ['via', 'record-route', 'from', 'to', 'call-id', 'cseq'];
const spelled = {
	'via': 'Via', 'record-route': 'Record-Route', 'from': 'From',
	'to': 'To', 'call-id': 'Call-ID', 'cseq': 'CSeq',
};

export function answer(request, status, reason, tag, more, body, length) {
	const headers = request.all.filter(([n]) => echoed.includes(n))
		.map(([n, v]) => [spelled[n], n === 'to' && tag &&
			!v.includes(';tag=') ? `${v};tag=${tag}` : v]);

	return build(`SIP/2.0 ${status} ${reason}`, headers.concat(more), body,
		length);
}
