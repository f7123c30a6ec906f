/* The one line that says what became of a call or session. Pure. */
import { percent, span } from '../core/format.js';
import { at, axisLength, host, sideName, sideOf } from './facts.js';
import { causeName, stunErrorText } from './names.js';

function cause(record) {
	return record.q850 === null ? '' : `, Q.850 ${causeName(record.q850)}`;
}

function statusText(record) {
	return record.reason ? `${record.status} ${record.reason}` : String(record.status);
}

function by(record) {
	return record.ended_by ? ` by ${record.ended_by}` : '';
}

function completed(record) {
	if (record.answer === null && record.partial === 'start')
		return `already up when the capture began, ended${by(record)} ` +
			`(BYE${cause(record)})`;
	return `answered, ${span(record.connect_ms)}, ended${by(record)} (BYE${cause(record)})`;
}

function failed(record) {
	const who = record.ended_by === 'network' ? 'failed in the network' :
		`refused${by(record)}`;

	return `${who}: ${statusText(record)}${cause(record)}`;
}

/* The 18x stands in `ring`: without one nobody can say that it rang. */
function cancelled(record) {
	const rang = record.ring ? 'ringing' : 'waiting, no ring seen';
	const bye = record.messages.some((m) => m.method === 'CANCEL') ? 'CANCEL' : 'BYE';

	return `given up${by(record)} after ${span(record.duration_ms)} of ${rang} ` +
		`(${bye}${cause(record)})`;
}

function active(record) {
	const seen = axisLength(record);

	if (record.answer)
		return `answered, still up ${span(seen - at(record, record.answer))} later when ` +
			'the capture ended';
	return `still being set up after ${span(seen)} when the capture ended`;
}

/* docs/RESTART.md: it was open when callscope stopped, and never seen again;
 * or docs/LIMITS.md. */
function interrupted(record) {
	const seen = span(axisLength(record) - (at(record, record.answer) ?? 0));

	if (record.diagnoses?.some((d) => d.code === 'evicted'))
		return 'given up when its place was needed for other calls: one message of it was seen';
	return record.answer ? `answered, ${seen} seen until callscope stopped, never seen again` :
		`being set up for ${seen} when callscope stopped, never seen again`;
}

const callStates = {
	completed,
	failed,
	cancelled,
	active,
	interrupted,
	redirected: (r) => `redirected: ${statusText(r)}, no later try seen`,
	unanswered: () => 'the INVITE got no final response, and no CANCEL',
	expired: (r) => `answered, ${span(r.connect_ms)}, then silence: no BYE seen`,
};

/* How media got through, in words; null where ICE tells nothing. */
export function iceWords(record) {
	const last = record.ice.at(-1);
	const selected = last?.pairs.find((p) => p.selected) ??
		last?.pairs.find((p) => p.nominated);

	if (!last)
		return null;
	if (last.result === 'failed')
		return 'ICE failed';
	if (!selected)
		return last.result === 'connected' ? 'ICE connected' : null;
	const kinds = selected.local_type && selected.remote_type ?
		`, ${selected.local_type} – ${selected.remote_type}` : '';
	const relay = selected.via_relay ? ' through a relay' : '';
	const took = last.connect_ms === null ? '' : ` in ${span(last.connect_ms)}`;

	return `ICE connected${took}${kinds}${relay} (${selected.transport})`;
}

function turnWords(record) {
	const failure = record.turn.find((t) => !t.created && t.error !== null);
	const made = record.turn.find((t) => t.created);

	if (failure && !made)
		return `no TURN allocation (${stunErrorText(failure.error)})`;
	if (made)
		return `TURN allocation at ${host(made.server)}`;
	return record.turn.length > 0 ? 'TURN asked, nothing granted' : null;
}

function dtlsWords(record) {
	if (record.dtls.some((d) => d.state === 'failed'))
		return 'DTLS refused';
	return record.dtls.some((d) => d.state === 'unfinished') ? 'DTLS not finished' : null;
}

const sessionStates = {
	completed: 'closed',
	failed: 'failed',
	unanswered: 'offer not answered',
	active: 'still up when the capture ended',
	expired: 'ended in silence',
	interrupted: 'open when callscope stopped, never seen again',
};

function sessionKind(record) {
	if (record.kind === 'rtp')
		return 'media that nobody announced';
	return isTurnAlone(record) ? 'TURN and nothing more' : 'WebRTC session';
}

export function isTurnAlone(record) {
	return record.type === 'session' && record.turn.length > 0 && record.ice.length === 0 &&
		record.dtls.length === 0 && record.streams.length === 0;
}

function sessionHeadline(record) {
	const words = [`${sessionKind(record)}, ${span(record.duration_ms ?? axisLength(record))}`,
		record.signalling ? `signalled by ${record.signalling.toUpperCase()}` : null,
		iceWords(record), dtlsWords(record), turnWords(record),
		sessionStates[record.state] ?? record.state];

	return words.filter(Boolean).join(', ');
}

/* "answered, 42 s, ended by callee (BYE, Q.850 16 (normal call clearing))" */
export function headline(record) {
	if (record.type === 'session')
		return sessionHeadline(record);
	return (callStates[record.state] ?? ((r) => r.state))(record);
}

/* Who the two ends are: user, else agent, else host; a and b have no names. */
export function partyName(record, side) {
	const sender = side === 'a' ? 'caller' : 'callee';
	const party = record[sender];
	const stream = record.streams.find((s) => sideOf(s.sender) === side);

	if (party)
		return party.user ?? party.name ?? party.host ?? host(party.addr) ?? sender;
	return host(stream?.turn?.client ?? stream?.src) ?? candidateHost(record, side) ??
		sideName(record, side);
}

function candidateHost(record, side) {
	const candidate = record.ice[0]?.candidates.find((c) =>
		c.side === side && c.addr && c.type !== 'relay');

	return host(candidate?.addr) ?? (side === 'a' ? host(record.turn[0]?.client) : null);
}

/* "4.4 NB, loss 0 %" of a side's first stream; null without one. */
export function sideFigures(record, side) {
	const figures = record[side];

	if (!figures?.stream_uid)
		return null;
	return {
		codec: figures.codec,
		mos: figures.mos?.adaptive ?? null,
		scale: figures.mos?.scale ?? null,
		loss: percent(figures.loss_pct),
		lossPct: figures.loss_pct,
		jitter: figures.jitter_ms?.mean ?? null,
	};
}
