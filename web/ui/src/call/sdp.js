/* Reads a session description (RFC 8866). Pure; what it does not know it skips,
 * and nothing it meets can make it fail. */

/* RFC 3551, 6: what needs no rtpmap. */
const staticTypes = {
	0: 'PCMU/8000', 3: 'GSM/8000', 4: 'G723/8000', 5: 'DVI4/8000', 6: 'DVI4/16000',
	7: 'LPC/8000', 8: 'PCMA/8000', 9: 'G722/8000', 10: 'L16/44100', 11: 'L16/44100',
	12: 'QCELP/8000', 13: 'CN/8000', 14: 'MPA/90000', 15: 'G728/8000', 18: 'G729/8000',
	26: 'JPEG/90000', 31: 'H261/90000', 32: 'MPV/90000', 33: 'MP2T/90000', 34: 'H263/90000',
};

const directions = new Set(['sendrecv', 'sendonly', 'recvonly', 'inactive']);

/* The first string inside of a JSON value that is a description. */
function inJson(value) {
	if (typeof value === 'string')
		return /^v=0\r?\n/.test(value) ? value : null;
	if (value === null || typeof value !== 'object')
		return null;
	for (const inner of Object.values(value)) {
		const found = inJson(inner);

		if (found !== null)
			return found;
	}
	return null;
}

function inWebText(text) {
	if (text.startsWith('v=0'))
		return text;
	try {
		return inJson(JSON.parse(text));
	} catch {
		return null;
	}
}

/* The description inside of a message's text, null where there is none: the body
 * of SIP, or a web message that is one or has one in its JSON. */
export function sdpOf(text) {
	if (/^\s*(v=0|[{[])/.test(text ?? ''))
		return inWebText(text);
	const blank = /\r?\n\r?\n/.exec(text ?? '');
	const body = blank ? text.slice(blank.index + blank[0].length) : '';
	const start = /^v=0/m.exec(body);

	if (!start)
		return null;
	/* In multipart the next boundary ends it. */
	return body.slice(start.index).split(/\r?\n--/, 1)[0];
}

function newMedia(value) {
	const [kind, port, proto, ...formats] = value.split(' ');

	return { kind, port: parseInt(port, 10) || 0, proto: proto ?? '', formats,
		names: new Map(), attributes: new Map(), address: null };
}

/* All values of an attribute of a section. */
function values(section, name) {
	return section.attributes.get(name) ?? [];
}

function keep(section, value) {
	const colon = value.indexOf(':');
	const name = colon < 0 ? value : value.slice(0, colon);
	const rest = colon < 0 ? '' : value.slice(colon + 1);
	const rtpmap = name === 'rtpmap' && /^(\d+)\s+(.+)$/.exec(rest);

	if (rtpmap && section.names)
		section.names.set(rtpmap[1], rtpmap[2].trim());
	section.attributes.set(name, [...(section.attributes.get(name) ?? []), rest]);
}

function sections(text) {
	const session = { attributes: new Map(), address: null, origin: null };
	const media = [];

	for (const line of text.split(/\r\n|\n|\r/)) {
		const value = line.slice(2);
		const now = media.at(-1) ?? session;

		if (line.startsWith('m='))
			media.push(newMedia(value));
		else if (line.startsWith('c='))
			now.address = value.split(' ')[2]?.split('/')[0] ?? null;
		else if (line.startsWith('a='))
			keep(now, value);
		else if (line.startsWith('o='))
			session.origin = value.split(' ');
	}
	return { session, media };
}

function withPort(address, port) {
	if (!address)
		return null;
	return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function directionOf(m, session) {
	const of = (s) => [...s.attributes.keys()].find((k) => directions.has(k));

	return of(m) ?? of(session) ?? 'sendrecv';
}

function codecsOf(m) {
	if (/webrtc-datachannel|DTLS\/SCTP/.test([m.proto, ...m.formats].join(' ')))
		return ['webrtc-datachannel'];
	return m.formats.map((f) => m.names.get(f) ?? staticTypes[f] ?? f);
}

function lineOf(m, session, bundles) {
	const one = (name) => values(m, name)[0] ?? values(session, name)[0] ?? null;
	const mid = values(m, 'mid')[0] ?? null;

	return {
		kind: m.kind, mid, port: m.port, proto: m.proto,
		address: withPort(m.address ?? session.address, m.port),
		direction: directionOf(m, session), codecs: codecsOf(m),
		/* The suite, never the key beside it. */
		crypto: values(m, 'crypto').map((c) => c.trim().split(/\s+/)[1] ?? '')
			.filter(Boolean),
		fingerprint: one('fingerprint'), setup: one('setup'), ufrag: one('ice-ufrag'),
		candidates: values(m, 'candidate').length, ptime: values(m, 'ptime')[0] ?? null,
		bundle: mid !== null && bundles.has(mid),
		rtcpMux: m.attributes.has('rtcp-mux'), rejected: m.port === 0 && !(mid !== null &&
			bundles.has(mid) && m.attributes.has('bundle-only')),
	};
}

/* {version, iceLite, media: [m-line]} of a description's text. */
export function parseSdp(text) {
	const { session, media } = sections(text);
	const bundles = new Set(values(session, 'group').filter((g) => g.startsWith('BUNDLE'))
		.flatMap((g) => g.split(' ').slice(1)));
	const version = Number(session.origin?.[2]);

	return {
		version: Number.isFinite(version) ? version : null,
		iceLite: session.attributes.has('ice-lite'),
		media: media.map((m) => lineOf(m, session, bundles)),
	};
}
