/*
 * The lanes of a ladder: one a host, by first use, the caller's leftmost. Pure.
 *
 * A lane: {key, host, role, name}; key is the host, or the address where a host
 * talks to itself (two agents on one machine).
 */
import { host, mediaStreams, sideOf } from './facts.js';

/* Hosts that talk to themselves: their lanes are addresses. */
function splitHosts(record) {
	return new Set(record.messages.filter((m) => host(m.src) === host(m.dst))
		.map((m) => host(m.src)));
}

function roleOf(record, key, split) {
	const is = (addr) => addr && (split ? addr === key : host(addr) === key);
	const forwards = record.messages.some((m) => m.copy_of !== null && is(m.src));

	if (record.type === 'call') {
		if (is(record.caller?.addr))
			return 'caller';
		if (is(record.callee?.addr) || record.dialogs.some((d) => is(d.callee_addr)))
			return forwards ? 'proxy' : 'callee';
	}
	if (record.turn.some((t) => is(t.server)))
		return 'relay';
	if (record.type === 'session')
		return null;
	if (record.messages.some((m) => is(m.src) || is(m.dst)))
		return forwards ? 'proxy' : 'server';
	return record.streams.some((s) => is(s.src)) ? 'relay' : 'only receives';
}

function nameOf(record, role, key) {
	const party = role === 'caller' ? record.caller : role === 'callee' ? record.callee : null;

	if (party && (host(party.addr) === key || party.addr === key))
		return party.user ?? party.name ?? null;
	return null;
}

/* In a session: whose host it is, a or b. */
function sessionSide(record, key) {
	for (const s of record.streams)
		if (s.hop === 1 && sideOf(s.sender) && host(s.src) === key)
			return sideOf(s.sender);
	for (const i of record.ice)
		for (const c of i.candidates)
			if (c.addr && c.type !== 'relay' && host(c.resolved ?? c.addr) === key)
				return c.side;
	return record.turn.some((t) => host(t.client) === key) ? 'a' : null;
}

/* Addresses in the order of their first use. */
function messageAddresses(record) {
	return record.messages.flatMap((m) => [m.src, m.dst]);
}

/* What media, checks and handshakes need besides: sources by time. */
export function mediaAddresses(record) {
	const uses = [
		...mediaStreams(record).map((s) => [s.first, s.src, s.dst]),
		...record.dtls.map((d) => [d.started, d.client, d.server]),
		...record.turn.map((t) => [t.created, t.client, t.server]),
		...record.ice.flatMap((i) => i.pairs.filter((p) => p.selected || p.first)
			.slice(0, 1).map((p) => [i.started, p.local, p.remote])),
	];

	return uses.sort((x, y) => String(x[0] ?? '').localeCompare(String(y[0] ?? '')))
		.flatMap((u) => u.slice(1)).filter(Boolean);
}

/* Who is left of whom in a session. */
const sideOrder = { a: 0, null: 1, b: 2 };

function orderLanes(record, lanes, extra) {
	if (record.type === 'session')
		return [...lanes, ...extra].sort((x, y) => sideOrder[x.side] - sideOrder[y.side]);
	const caller = lanes.findIndex((l) => l.role === 'caller');
	const ordered = caller > 0 ? [lanes[caller], ...lanes.filter((l, i) => i !== caller)] :
		[...lanes];
	const last = ordered.length > 1 && ordered.at(-1).role === 'callee' ?
		ordered.length - 1 : ordered.length;

	/* Relays stand between the two ends. */
	ordered.splice(last, 0, ...extra);
	return ordered;
}

/* {lanes, laneOf(addr, side)}: side helps where a host has several lanes. */
export function ladderLanes(record) {
	const split = splitHosts(record);
	const keyOf = (addr) => split.has(host(addr)) ? addr : host(addr);
	const lane = (key) => {
		const role = roleOf(record, key, key !== host(key) || split.has(host(key)));

		return { key, host: host(key), role, name: nameOf(record, role, key),
			side: record.type === 'session' ? sessionSide(record, key) :
				{ caller: 'a', callee: 'b' }[role] ?? null };
	};
	const signalling = [...new Set(messageAddresses(record).map(keyOf))].map(lane);
	const extra = [...new Set(mediaAddresses(record).filter((a) => !split.has(host(a)))
		.map(host))].filter((h) => !signalling.some((l) => l.key === h)).map(lane);
	const lanes = orderLanes(record, signalling, extra);
	const index = new Map(lanes.map((l, i) => [l.key, i]));

	const known = new Map();

	/* Addresses come again and again: each is looked up once. */
	function laneOf(addr, side = null) {
		const key = `${addr} ${side}`;

		if (!known.has(key))
			known.set(key, find(addr, side));
		return known.get(key);
	}
	function find(addr, side) {
		const there = index.get(keyOf(addr)) ?? index.get(host(addr));

		if (there !== undefined)
			return there;
		const owner = lanes.findIndex((l) => l.side === side && side !== null &&
			l.host === host(addr));

		return owner >= 0 ? owner : lanes.findIndex((l) => l.host === host(addr));
	}
	return { lanes, laneOf };
}
