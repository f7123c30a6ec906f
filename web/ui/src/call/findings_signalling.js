/* Findings about SIP: who refused, what came late, again or not at all. */
import { span } from '../core/format.js';
import { at, capital, findMessage, host, messageEvidence, messageName } from './facts.js';
import { causeText } from './names.js';

const RING_LATE_MS = 5000;
/* A sender waits T1, 500 ms, before it sends again (RFC 3261, 17.1.1.1); what
 * comes sooner was sent once and seen twice. */
const SEEN_TWICE_MS = 100;

function isFinal(m) {
	return m.method === 'INVITE' && m.status !== null && m.status >= 300;
}

/* Where a response that ended the call came from: the first hop of it. */
function refusal({ record }) {
	const index = findMessage(record, (m) => isFinal(m) && m.status === record.status &&
		m.copy_of === null);
	const m = record.messages[index];

	if (record.state !== 'failed' || !m)
		return [];
	return [{
		code: 'refused', severity: 'error',
		side: record.ended_by === 'callee' ? 'b' : null,
		text: `${host(m.src)} answered ${record.status}${record.reason ?
			` ${record.reason}` : ''}, ${span(at(record, m.time))} after the INVITE.`,
		evidence: messageEvidence(record, index),
	}];
}

/* Other tries: challenges and redirections that the call went on after. */
function tries({ record }) {
	const found = [];

	for (const status of [401, 407, 300, 301, 302, 305, 380]) {
		const index = findMessage(record, (m) => m.method === 'INVITE' &&
			m.status === status && m.copy_of === null);
		const m = record.messages[index];

		if (!m || record.status === status)
			continue;
		found.push({
			code: status < 400 ? 'redirected' : 'challenged',
			severity: 'notice', side: null,
			text: status < 400 ?
				`${host(m.src)} redirected the call (${status}); it was tried again.` :
				`${host(m.src)} asked for a password (${status}); the INVITE was sent again.`,
			evidence: messageEvidence(record, index),
		});
	}
	return found;
}

function cause({ record }) {
	const ending = record.messages.map((m) => m.method).lastIndexOf('BYE');

	if (record.q850 === null || record.q850 === 16 || record.state !== 'completed')
		return [];
	return [{
		code: 'q850', severity: [31].includes(record.q850) ? 'notice' : 'warning', side: null,
		text: `The BYE gave Q.850 cause ${causeText(record.q850)}.`,
		evidence: messageEvidence(record, ending),
	}];
}

function ringing({ record }) {
	const index = findMessage(record, (m) => m.method === 'INVITE' && m.status > 100);

	if (record.ring === null && record.answer !== null && record.partial !== 'start')
		return [{
			code: 'no-ring', severity: 'notice', side: 'b',
			text: 'Answered without a ring: there was no 18x before the 200.',
			evidence: messageEvidence(record, index),
		}];
	if (record.ring === null || record.pdd_ms === null || record.pdd_ms < RING_LATE_MS)
		return [];
	return [{
		code: 'late-ring', severity: 'warning', side: 'b',
		text: `The first ring came ${span(record.pdd_ms)} after the INVITE.`,
		evidence: messageEvidence(record, index),
	}];
}

function noFinal({ record }) {
	const sent = record.messages.filter((m) => m.method === 'INVITE' && m.status === null &&
		m.copy_of === null);
	const last = sent.at(-1);

	if (record.state !== 'unanswered' || sent.length === 0)
		return [];
	const times = sent.length === 1 ? 'once' :
		`${sent.length} times in ${span(at(record, last.time) - at(record, sent[0].time))}`;

	return [{
		code: 'no-final-response', severity: 'error', side: null,
		text: `${host(sent[0].dst)} gave no final response: the INVITE was sent ${times}.`,
		evidence: messageEvidence(record, record.messages.indexOf(last)),
	}];
}

function noAck({ record }) {
	const index = findMessage(record, (m) => m.method === 'INVITE' && m.status >= 200 &&
		m.status < 300);

	if (!record.diagnoses.some((d) => d.code === 'no-ack'))
		return [];
	return [{
		code: 'no-ack', severity: 'warning', side: 'a',
		text: 'The 200 was never acknowledged where the tap could see it.',
		evidence: messageEvidence(record, index),
	}];
}

function noBye({ record }) {
	if (record.state !== 'expired' || record.type !== 'call')
		return [];
	const last = record.streams.reduce((t, s) => Math.max(t, at(record, s.last) ?? 0), 0);
	const media = last > 0 ? `, and no media after ${span(last)}` : '';

	return [{
		code: 'no-bye', severity: 'warning', side: null,
		text: `Nobody sent a BYE${media}.`,
		evidence: last > 0 ? [{ label: 'end of media', from: last, to: last }] : [],
	}];
}

/* Groups of what is the same message again: the first one's index, how often
 * it came again, and the shortest time between two. */
export function retransmitted(record) {
	const groups = new Map();

	record.messages.forEach((m, index) => {
		const key = [m.method, m.status, m.cseq, m.src, m.dst].join(' ');
		const g = groups.get(key);

		if (!m.retransmission || !g) {
			groups.set(key, { index, last: m.time, again: 0, least: Infinity });
			return;
		}
		g.again++;
		g.least = Math.min(g.least, at(record, m.time) - at(record, g.last));
		g.last = m.time;
		g.lastIndex = index;
	});
	return [...groups.values()].filter((g) => g.again > 0);
}

function retransmissions({ record }) {
	const all = retransmitted(record);
	const sent = all.filter((g) => g.least >= SEEN_TWICE_MS);
	const seen = all.filter((g) => g.least < SEEN_TWICE_MS);
	const found = sent.map((g) => {
		const m = record.messages[g.index];

		return {
			code: 'retransmits', severity: 'notice', side: null,
			text: `${host(m.src)} sent ${messageName(m)}${m.status === null ? '' :
				` (${m.method})`} ${g.again + 1} times to ${host(m.dst)}, until ` +
				`${span(at(record, g.last) - at(record, m.time))} after the first.`,
			evidence: messageEvidence(record, g.lastIndex),
		};
	});

	if (seen.length > 0)
		found.push({
			code: 'retransmits', severity: 'notice', side: null,
			text: `The tap shows ${seen.length === 1 ? 'a message' :
				`${seen.length} messages`} again within ` +
				`${Math.max(1, Math.ceil(Math.max(...seen.map((g) => g.least))))} ms: ` +
				'likely mirrored twice, as SIP waits 500 ms before it sends again.',
			evidence: messageEvidence(record, seen[0].lastIndex),
		});
	return found;
}

function forks({ record }) {
	const tried = record.dialogs.filter((d) => !(d.status >= 300 && d.status < 400));

	if (tried.length < 2)
		return [];
	const ends = tried.map((d) =>
		`${host(d.callee_addr) ?? 'unknown'} ${d.status ?? 'no answer'}`);

	return [{
		code: 'forked', severity: 'notice', side: null,
		text: `Forked to ${tried.length}: ${ends.join(', ')}.`,
		evidence: tried.flatMap((d) => messageEvidence(record,
			findMessage(record, (m) => m.src === d.callee_addr && m.status !== null &&
				m.method === 'INVITE'), `from ${host(d.callee_addr)}`)),
	}];
}

function direction(media, answer) {
	const first = media.find((m) => m.kind === 'audio' && !m.rejected);

	return first ? (answer ? first.answer_direction : first.direction) : null;
}

/* A later offer that stops the other side's media, and the one that lets it
 * flow again. */
function holds({ record, clock }) {
	const found = [];
	let held = null;

	for (const offer of record.offers.slice(1)) {
		const way = direction(offer.media, false);
		const stops = way === 'sendonly' || way === 'inactive';
		const t = at(record, offer.time);

		if (stops && !held) {
			held = { code: 'hold', severity: 'notice',
				side: offer.by === 'caller' ? 'a' : 'b', from: t, way,
				message: record.messages.findIndex((m) => m.time === offer.time),
				by: offer.by };
			found.push(held);
		} else if (!stops && held) {
			held.to = t;
			held = null;
		}
	}
	return found.map((h) => ({
		code: h.code, severity: h.severity, side: h.side,
		text: `${capital(h.by)} put the other side on hold (${h.way}) at ${clock(h.from)}` +
			(h.to === undefined ? '.' : `, for ${span(h.to - h.from)}.`),
		evidence: messageEvidence(record, h.message).map((e) => ({ ...e, to: h.to ?? e.to })),
	}));
}

function transfers({ record, clock }) {
	const index = findMessage(record, (m) => m.method === 'REFER' && m.status === null);
	const m = record.messages[index];

	if (!m)
		return [];
	const side = host(m.src) === host(record.caller?.addr) ? 'a' : 'b';

	return [{
		code: 'transfer', severity: 'notice', side,
		text: `${capital(side === 'a' ? 'caller' : 'callee')} asked for a transfer (REFER) ` +
			`at ${clock(at(record, m.time))}.`,
		evidence: messageEvidence(record, index),
	}];
}

function glare({ record, clock }) {
	return record.offers.filter((o) => o.state === 'glare').map((o) => ({
		code: 'glare', severity: 'notice', side: null,
		text: `Both sides made an offer at once at ${clock(at(record, o.time))}.`,
		evidence: messageEvidence(record,
			record.messages.findIndex((m) => m.time === o.time)),
	}));
}

function refusedOffers({ record, clock }) {
	return record.offers.slice(1).filter((o) => o.state === 'refused').map((o) => ({
		code: 'offer-refused', severity: 'warning', side: null,
		text: `The offer of ${o.by} at ${clock(at(record, o.time))} was refused.`,
		evidence: messageEvidence(record,
			record.messages.findIndex((m) => m.time === o.time)),
	}));
}

function digits({ record }) {
	const keys = record.dtmf ?? [];

	if (keys.length === 0)
		return [];
	const byStream = new Map(record.streams.map((s) => [s.stream_uid, s]));
	const sender = byStream.get(keys[0].stream)?.sender ?? infoSender(record);
	const via = [...new Set(keys.map((k) => k.via))].join(' and ');

	return [{
		code: 'dtmf', severity: 'notice', side: { caller: 'a', callee: 'b' }[sender] ?? null,
		text: `${sender ? capital(sender) : 'Somebody'} pressed ` +
			`${keys.map((k) => k.digit).join(' ')} (${via}).`,
		evidence: keys[0].time ? [{ label: 'keys', from: at(record, keys[0].time),
			to: at(record, keys.at(-1).time) }] : [],
	}];
}

function infoSender(record) {
	const info = record.messages.find((m) => m.method === 'INFO' && m.status === null);

	if (!info || !record.caller || host(record.caller.addr) === host(record.callee.addr))
		return null;
	return host(info.src) === host(record.caller.addr) ? 'caller' : 'callee';
}

export const signallingRules = [refusal, noFinal, cause, noAck, noBye, ringing, tries,
	retransmissions, forks, glare, refusedOffers, holds, transfers, digits];
