/*
 * Offers and answers of a record, one beside the other. Pure.
 *
 * A description: {side, role: offer|answer, by, time, message: index or -1,
 * version, iceLite, fromText, media: [m-line as in sdp.js]}. Without the text of
 * its message it has what the record tells, and the rest is null.
 */
import { sideOf } from './facts.js';
import { parseSdp, sdpOf } from './sdp.js';

/* Fields of an m-line that the record does not have. */
const untold = { address: null, proto: null, crypto: null, fingerprint: null, setup: null,
	ufrag: null, candidates: null, ptime: null };

function offeredLine(m) {
	return { ...untold, kind: m.kind, mid: m.mid, port: m.port, direction: m.direction,
		codecs: m.codecs, bundle: m.bundle, rtcpMux: null, rejected: m.port === 0 };
}

function answeredLine(m) {
	return { ...untold, kind: m.kind, mid: m.mid, port: m.answer_port,
		direction: m.answer_direction, codecs: m.negotiated, bundle: m.bundled,
		rtcpMux: m.rtcp_mux, rejected: m.rejected };
}

function fromRecord(offer, role) {
	return role === 'offer' ?
		{ version: offer.version, iceLite: offer.ice_lite,
			media: offer.media.map(offeredLine) } :
		{ version: offer.answer_version, iceLite: offer.answer_ice_lite,
			media: offer.media.map(answeredLine) };
}

function describe(record, offer, role, texts) {
	const time = role === 'offer' ? offer.time : offer.answer_time;
	const message = record.messages.findIndex((m) => m.time === time);
	/* Web messages are not in the record: the one of that moment. */
	const row = message >= 0 ? texts?.[message] : texts?.find((m) => m.time === time);
	const sdp = sdpOf(row?.text);
	const offerer = sideOf(offer.by);
	const side = role === 'offer' ? offerer : { a: 'b', b: 'a' }[offerer] ?? null;

	return { side, role, time, message: message >= 0 ? message : row?.n ?? -1,
		fromText: sdp !== null,
		...(sdp === null ? fromRecord(offer, role) : parseSdp(sdp)) };
}

/* [{offer, answer or null, state}] in order. texts: messages of the API by index,
 * or null. */
export function exchanges(record, texts = null) {
	return record.offers.map((o) => ({
		state: o.state,
		offer: describe(record, o, 'offer', texts),
		answer: o.answer_time ? describe(record, o, 'answer', texts) : null,
	}));
}

/* All of them in order of time, for what compares or searches. */
export function descriptions(record, texts = null) {
	return exchanges(record, texts).flatMap((x) => [x.offer, x.answer].filter(Boolean));
}

/* A list that a person reads: each once, "H264/90000 ×7". */
export function codecText(codecs) {
	const counts = new Map();

	for (const c of codecs)
		counts.set(c, (counts.get(c) ?? 0) + 1);
	return [...counts].map(([c, n]) => n > 1 ? `${c} ×${n}` : c).join(', ');
}

const shown = [
	['port', 'port'], ['address', 'address'], ['direction', 'direction'],
	['setup', 'setup'], ['fingerprint', 'fingerprint'], ['ufrag', 'ICE ufrag'],
	['ptime', 'ptime'], ['rejected', 'rejected'], ['bundle', 'BUNDLE'],
	['rtcpMux', 'rtcp-mux'],
];

function listChange(name, before, now) {
	const gone = before.filter((x) => !now.includes(x));
	const added = now.filter((x) => !before.includes(x));

	if (gone.length === 0 && added.length === 0)
		return before.join() === now.join() ? [] :
			[{ what: name, text: `${name}: order is now ${now.join(', ')}` }];
	return [{ what: name, text: `${name}:` + added.map((x) => ` +${x}`).join('') +
		gone.map((x) => ` −${x}`).join('') }];
}

function yesNo(v) {
	return v === true ? 'yes' : v === false ? 'no' : v ?? 'none';
}

/* Where the address moves with the port, the port alone is not said again. */
function lineChanges(before, now) {
	const changes = shown.filter(([key]) => before[key] !== null && now[key] !== null &&
		before[key] !== undefined && before[key] !== now[key])
		.filter(([key]) => key !== 'port' || before.address === null || now.address === null)
		.map(([key, name]) => ({ what: name,
			text: `${name} ${yesNo(before[key])} → ${yesNo(now[key])}` }));

	changes.push(...listChange('codecs', before.codecs, now.codecs));
	if (before.crypto && now.crypto)
		changes.push(...listChange('crypto', before.crypto, now.crypto));
	return changes;
}

/* What one description changed of the one before from the same side: [{line:
 * index of the m-line, what, text}]. */
export function changesOf(before, now) {
	const changes = [];

	now.media.forEach((m, line) => {
		const old = before.media[line];

		if (!old)
			changes.push({ line, what: 'm-line', text: `new m-line ${m.kind}` });
		else if (old.kind !== m.kind)
			changes.push({ line, what: 'm-line', text: `m-line ${old.kind} → ${m.kind}` });
		else
			changes.push(...lineChanges(old, m).map((c) => ({ line, ...c })));
	});
	before.media.slice(now.media.length).forEach((m, k) => changes.push({
		line: now.media.length + k, what: 'm-line', text: `m-line ${m.kind} is gone`,
	}));
	return changes;
}

/* The same exchanges, each description with `changes`: null where its side said
 * nothing before. */
export function compared(record, texts = null) {
	const last = { a: null, b: null };

	function withChanges(d) {
		const before = d ? last[d.side] : null;

		if (!d)
			return null;
		last[d.side] = d;
		return { ...d, changes: before ? changesOf(before, d) : null };
	}
	return exchanges(record, texts).map((x) => {
		const offer = withChanges(x.offer);

		return { ...x, offer, answer: withChanges(x.answer) };
	});
}
