// digest.mjs NAME.truth.json [inside]: of all that was said, what a test
// asserts (tests/e2e/stats.py), as one object. "inside" is for the tap
// behind the router of a. What the pages cannot know, the scenario adds as
// notes, "word=value":
//
//	type=call		a SIP call, else a session
//	signalling=none		what the record's signalling is (json)
//	hops=2			how often a stream passes the tap
//	sees=b			whose packets the tap sees (ab)
//	keys=tls		what the key log opens (dtls)
//	lost=behind|before	packets lost, and where
//	sent=unknown		packetsSent counts what was never sent
//	result=failed		of ICE, where the pages have another word
import { existsSync, readFileSync } from 'node:fs';

const [file, view] = process.argv.slice(2);
const truth = JSON.parse(readFileSync(file, 'utf8'));
const note = Object.fromEntries(truth.notes.map((n) => n.split('=')));
const pages = truth.pages;
const ends = pages.map((p) => p.summaries.end);

const hex = (ssrc) => `0x${ssrc.toString(16).padStart(8, '0')}`;
const other = (i) => (pages.length > 1 ? ends[1 - i] : null);

function opened() {
	if (!existsSync(file.replace('.truth.json', '.keylog')))
		return null;
	return note.keys ?? 'dtls';
}

// Where a page's packets come from as the tap sees them.
function seen(candidate) {
	if (view === 'inside' && candidate.relatedAddress?.startsWith('192.168.77.'))
		return `${candidate.relatedAddress}:${candidate.relatedPort}`;
	return candidate.addr;
}

function transport(mine, theirs) {
	const pair = mine.selected;
	// A peer-reflexive address is hidden from the page: its owner knows it.
	const remote = theirs?.selected?.local ?? pair?.remote;

	return {
		a: mine.iceLocalUsernameFragment,
		b: theirs?.iceLocalUsernameFragment ??
			pair?.remote.usernameFragment ?? null,
		controlling: mine.iceRole === 'controlling' ? 'a' : 'b',
		selected: pair && !note.sees ? { a: seen(pair.local), b: remote.addr } : null,
		relayed: Boolean(pair) && [pair.local, remote]
			.some((c) => c.type === 'relay'),
	};
}

// Of the transports of b, that at the other end of this one of a.
function opposite(mine, theirs) {
	return theirs?.transports.find((t) => !mine.selected || t.selected &&
		(t.selected.remote.addr === mine.selected.local.addr ||
		t.selected.local.addr === mine.selected.remote.addr ||
		theirs.transports.length === 1));
}

function generations() {
	const whens = Object.keys(pages[0].summaries);
	const all = whens.map((when) => pages[0].summaries[when].transports
		.map((t) => transport(t,
			opposite(t, pages[1]?.summaries[when]))));
	const [first, last] = [all[0], all[all.length - 1]];

	if (first[0].a === last[0].a)
		return last;
	return [...first.map((t) => ({ ...t, restarted: true })), ...last];
}

function result() {
	const states = ends.map((e) => e.connectionState);

	if (note.result)
		return note.result;
	return ['connected', 'failed'].find((s) => states.includes(s)) ?? 'unknown';
}

// "sha-256 AA:BB:...", as a page offered or accepted it.
function fingerprint(side) {
	return pages[0].descriptions.find((d) => d.side === side)
		?.sdp.match(/a=fingerprint:(.*)/)[1].trim();
}

// By the names of IANA, whatever the browser's version calls them.
const profiles = {
	AES_CM_128_HMAC_SHA1_80: 'SRTP_AES128_CM_HMAC_SHA1_80',
	AEAD_AES_128_GCM: 'SRTP_AEAD_AES_128_GCM',
	AEAD_AES_256_GCM: 'SRTP_AEAD_AES_256_GCM',
};

function dtls() {
	const versions = { FEFD: '1.2', FEFC: '1.3' };

	return ends[0].transports.filter((t) => t.tlsVersion).map((t) => {
		const [client, server] = t.dtlsRole === 'client' ?
			['local', 'remote'] : ['remote', 'local'];

		return {
			version: versions[t.tlsVersion], cipher: t.dtlsCipher,
			profile: profiles[t.srtpCipher] ?? t.srtpCipher,
			client: fingerprint(client), server: fingerprint(server),
		};
	});
}

function repairOf(page, out) {
	const groups = page.descriptions.filter((d) => d.side === 'local')
		.flatMap((d) => d.sdp.match(/a=ssrc-group:FID \d+ \d+/g) ?? [])
		.map((line) => line.split(' ').slice(1).map(Number));

	return out.rtxSsrc ?? groups.find(([ssrc]) => ssrc === out.ssrc)?.[1] ?? null;
}

function sentBy(i) {
	const firefox = other(i) && pages[1 - i].browser.startsWith('Firefox');

	return ends[i].out.filter((o) => o.packetsSent).map((o) => {
		const got = other(i)?.in.find((r) => r.ssrc === o.ssrc);
		const rtx = repairOf(pages[i], o);
		const lossy = note.lost === 'before';
		// A counter that started anew (rollback) tells nothing, nor one
		// of a layer that the receiver never asked for.
		const reset = got && !note.lost && !o.rid && !firefox &&
			got.packetsReceived !== o.packetsSent;

		return {
			ssrc: hex(o.ssrc), rtx: rtx && hex(rtx),
			sender: pages[i].name, kind: o.kind, rid: o.rid ?? null,
			sent: note.sent || reset &&
				o.packetsSent < got.packetsReceived ?
				null : o.packetsSent,
			received: !got || o.rid || note.lost === 'behind' || reset &&
				got.packetsReceived < o.packetsSent ?
				null : got.packetsReceived,
			received_has_rtx: !firefox,
			lost: lossy ? got.packetsLost : 0,
			lost_before: lossy,
			frames: note.sent || reset || lossy ?
				null : o.framesSent ?? null,
			width: o.frameWidth ?? null, height: o.frameHeight ?? null,
			// Bytes of a RED, RTX or encrypted stream are others.
			codec: o.kind === 'audio' ? o.codec.split('/')[1] : null,
		};
	});
}

// Somebody who is no page sent this, and more after the last figures.
function unsent() {
	const known = ends.flatMap((e) => e.out.map((o) => o.ssrc));

	return ends[0].in.filter((r) => !known.includes(r.ssrc)).map((r) => ({
		ssrc: hex(r.ssrc), rtx: null, sender: null, kind: r.kind, rid: null,
		sent: null, received: null, at_least: r.packetsReceived,
		lost: r.packetsLost, lost_before: false, frames: null,
		codec: r.codec?.split('/')[1] ?? null,
	}));
}

// Addresses as signalled: what a page hid behind a name is left out.
function candidates(page) {
	const lines = [
		...page.candidates.filter((c) => c.side === 'local')
			.map((c) => c.candidate),
		...page.descriptions.filter((d) => d.side === 'local')
			.flatMap((d) => d.sdp.match(/candidate:.*/g) ?? []),
	];
	const found = lines.map((l) => l.trim().split(' ')).filter((w) => w.length > 7)
		.filter((w) => w[2].toLowerCase() === 'udp' && !w[4].endsWith('.local'))
		.map((w) => [w[4].includes(':') ? `[${w[4]}]:${w[5]}` :
			`${w[4]}:${w[5]}`, w[7]].join(' '));

	return [...new Set(found)].sort();
}

function allocations() {
	const lines = Object.values(truth.turn).flat();
	const error = lines.map((l) => l.match(/incoming packet (\w+) processed, error (\d+)/))
		.filter((m) => m && m[2] !== '401' && m[2] !== '438')
		.map((m) => Number(m[2]));
	const denied = pages.flatMap((p) => p.timeline)
		.filter((t) => t.what === 'candidateError')
		.map((t) => t.value.code);
	const relayed = pages.flatMap(candidates)
		.filter((c) => c.endsWith(' relay')).map((c) => c.split(' ')[0]);

	if (!lines.length)
		return null;
	return {
		relayed: [...new Set(relayed)].sort(), realm: 'lab.example',
		username: 'lab', errors: [...new Set([...error, ...denied])].sort(),
	};
}

const offers = pages.flatMap((p) => p.descriptions
	.filter((d) => d.side === 'local' && d.type === 'offer'));
const signalling = note.signalling ?? 'json';

console.log(JSON.stringify({
	name: truth.name, browsers: pages.map((p) => p.browser),
	type: note.type ?? 'session',
	signalling: signalling === 'none' || note.type === 'call' ? null : signalling,
	keys: opened(), hops: Number(note.hops ?? 1), sees: note.sees ?? 'ab',
	result: result(), ice: generations(), dtls: dtls(),
	lost_before: truth.counters.filter((c) => c.includes('before the tap'))
		.reduce((n, c) => n + Number(c.split(': ').pop()), 0),
	streams: [...pages.flatMap((_, i) => sentBy(i)), ...unsent()],
	candidates: signalling === 'none' ? null :
		Object.fromEntries(pages.map((p) => [p.name, candidates(p)])),
	turn: allocations(), offers: signalling === 'none' ? 0 : offers.length,
}, null, '\t'));
