/* Findings about ICE, DTLS, TURN and NAT. */
import { span } from '../core/format.js';
import { at, capital, host, theSide } from './facts.js';
import { natClasses, stunErrorText } from './names.js';

const ICE_SLOW_MS = 3000;
const DTLS_SLOW_MS = 2000;

function pairEvidence(record, ice, pair) {
	const p = record.ice[ice].pairs[pair];

	return {
		label: `${host(p.local)} – ${host(p.remote)}`,
		ice, pair,
		...(p.first ? { from: at(record, p.first), to: at(record, p.last) } : {}),
	};
}

function iceEvidence(record, ice) {
	const i = record.ice[ice];
	const times = i.pairs.flatMap((p) => [p.first, p.last]).map((t) => at(record, t))
		.filter((t) => t !== null);

	return {
		label: `ICE ${i.generation}`, ice,
		...(times.length > 0 ? { from: Math.min(...times), to: Math.max(...times) } : {}),
	};
}

/* "1 got no answer, 2 were refused with 403 Forbidden" of the pairs tried. */
function reasons(record, pairs) {
	const counts = new Map();

	for (const p of pairs) {
		const words = reasonWords(record, p);

		counts.set(words, (counts.get(words) ?? 0) + 1);
	}
	if (pairs.length === 1)
		return `the one candidate pair that was tried ${[...counts.keys()][0]}`;
	if (counts.size === 1)
		return `all ${pairs.length} candidate pairs that were tried ${[...counts.keys()][0]}`;
	return `of ${pairs.length} candidate pairs that were tried ` +
		[...counts].map(([words, n]) => `${n} ${words}`).join(', ');
}

function reasonWords(record, pair) {
	const relay = /^turn-(\d+)$/.exec(pair.reason ?? '');

	if (relay)
		return `was refused by its relay with ${stunErrorText(Number(relay[1]))}`;
	if (/^\d+$/.test(pair.reason ?? ''))
		return `was refused with ${stunErrorText(Number(pair.reason))}`;
	if (pair.state === 'succeeded' && pair.reason === 'no-answer') {
		const side = pair.ab.requests > 0 && pair.ab.responses === 0 ? 'a' : 'b';

		return `was answered one way only (${theSide(record, side)} got no answer)`;
	}
	if (pair.state === 'succeeded')
		return 'was answered, but never nominated';
	return pair.reason === 'no-answer' ? 'got no answer' : pair.state;
}

function iceFailed({ record }) {
	return record.ice.flatMap((ice, n) => {
		const tried = ice.pairs.filter((p) => p.first !== null);
		const rest = ice.pairs.length - tried.length;

		if (ice.result !== 'failed')
			return [];
		return [{
			code: 'ice-failed', severity: 'error', side: null,
			text: `ICE failed: ${reasons(record, tried)}` + (rest > 0 ?
				`; ${rest} ${rest === 1 ? 'was' : 'were'} not tried.` : '.'),
			evidence: tried.slice(0, 6).map((p) =>
				pairEvidence(record, n, ice.pairs.indexOf(p))),
		}];
	});
}

function iceUnknown({ record }) {
	return record.ice.flatMap((ice, n) => {
		const dark = ice.pairs.filter((p) => p.state === 'unknown');

		if (ice.result !== 'unknown' || dark.length === 0)
			return [];
		return [{
			code: 'ice-unknown', severity: 'notice', side: null,
			text: 'The tap sees only one direction of the ICE checks, so nobody can say ' +
				'whether they were answered.',
			evidence: [iceEvidence(record, n)],
		}];
	});
}

function iceConnected({ record }) {
	return record.ice.flatMap((ice, n) => {
		const found = [];
		const slow = ice.connect_ms !== null && ice.connect_ms > ICE_SLOW_MS;

		if (slow)
			found.push({
				code: 'ice-slow', severity: 'warning', side: null,
				text: `ICE took ${span(ice.connect_ms)} from the first check to a connection.`,
				evidence: [iceEvidence(record, n)],
			});
		if (ice.generation > 1)
			found.push({
				code: 'ice-restart', severity: 'notice', side: null,
				text: `ICE was restarted (generation ${ice.generation})` +
					(ice.connect_ms === null ? '.' :
						`, and connected again in ${span(ice.connect_ms)}.`),
				evidence: [iceEvidence(record, n)],
			});
		if (ice.role_conflicts > 0)
			found.push({
				code: 'ice-role-conflict', severity: 'notice', side: null,
				text: `Both sides took the same ICE role (487, ${ice.role_conflicts} times).`,
				evidence: [iceEvidence(record, n)],
			});
		return found;
	});
}

/* Who paid for the relay: the ends of the pair that are relayed. */
function relayWords(record, pair) {
	const ends = [
		pair.local_type === 'relay' ? theSide(record, 'a') : null,
		pair.remote_type === 'relay' ? theSide(record, 'b') : null,
	].filter(Boolean);

	return ends.length === 0 ? 'through a TURN relay' :
		`through the relay of ${ends.join(' and that of ')}`;
}

function pairs({ record, clock }) {
	const found = [];

	record.ice.forEach((ice, n) => ice.pairs.forEach((p, k) => {
		const relayed = p.via_relay || p.local_type === 'relay' || p.remote_type === 'relay';

		if (p.selected && relayed)
			found.push({
				code: 'relay', severity: 'notice', side: null,
				text: `Media goes ${relayWords(record, p)}: ${p.local} – ${p.remote}.`,
				evidence: [pairEvidence(record, n, k)],
			});
		if (p.consent_lost)
			found.push({
				code: 'consent-lost', severity: 'error', side: null,
				text: `The connection ${p.local} – ${p.remote} broke: its checks got no ` +
					`answers any more, the last was sent at ${clock(at(record, p.last))}.`,
				evidence: [pairEvidence(record, n, k)],
			});
	}));
	return found;
}

function dtlsEvidence(record, n) {
	const d = record.dtls[n];
	const from = at(record, d.started);

	return {
		label: `DTLS ${host(d.client)} → ${host(d.server)}`, dtls: n,
		...(from === null ? {} : { from, to: at(record, d.finished) ?? from }),
	};
}

function dtlsOutcome(record, d) {
	if (d.state === 'failed')
		return ['dtls-failed', 'error', `The DTLS handshake that ${d.client} began was ` +
			`refused${d.alert ? ` (alert ${d.alert})` : ''}: no SRTP keys, no media.`];
	if (d.state === 'unfinished' && d.started)
		return ['dtls-unfinished', 'error', `The DTLS handshake that ${d.client} began was ` +
			`never finished (${d.retransmissions} flights were sent again).`];
	if (d.handshake_ms !== null && d.handshake_ms > DTLS_SLOW_MS)
		return ['dtls-slow', 'warning', `The DTLS handshake took ${span(d.handshake_ms)}, ` +
			`${d.retransmissions} flights were sent again.`];
	return null;
}

function dtlsTrust(d) {
	const found = [];

	if (d.fingerprint_match === false)
		found.push(['fingerprint-mismatch', 'error', 'A DTLS certificate is not the one that ' +
			'a=fingerprint promised: somebody is in between, or changed the description.']);
	if (d.setup_match === false)
		found.push(['setup-mismatch', 'warning', `${d.client} is the DTLS client, and is not ` +
			'the side that a=setup made active.']);
	if (d.key_state === 'wrong')
		found.push(['keys-wrong', 'error',
			'The secrets of the key log do not fit this DTLS handshake.']);
	return found;
}

function dtls({ record }) {
	return record.dtls.flatMap((d, n) => [dtlsOutcome(record, d), ...dtlsTrust(d)]
		.filter(Boolean).map(([code, severity, text]) => ({
			code, severity, side: null, text, evidence: [dtlsEvidence(record, n)],
		})));
}

function dtlsHidden({ record }) {
	const n = record.dtls.findIndex((d) => d.version === '1.3' && !d.srtp_profile &&
		d.finished);

	if (n < 0)
		return [];
	return [{
		code: 'dtls-hidden', severity: 'notice', side: null,
		text: 'DTLS 1.3 encrypts certificate and SRTP profile: without keys nobody can say ' +
			'whether the fingerprint fits.',
		evidence: [dtlsEvidence(record, n)],
	}];
}

function turnEvidence(record, n, time) {
	const t = record.turn[n];
	const from = at(record, time ?? t.created);

	return {
		label: `TURN ${host(t.client)} at ${host(t.server)}`, turn: n,
		...(from === null ? {} : { from, to: from }),
	};
}

function turn({ record }) {
	const found = [];

	record.turn.forEach((t, n) => {
		const add = (code, severity, text) => found.push({ code, severity, side: null, text,
			evidence: [turnEvidence(record, n)] });

		if (!t.created && t.error !== null)
			add('turn-failed', 'error', `${t.client} got no TURN allocation from ` +
				`${t.server}: ${stunErrorText(t.error)}.`);
		else if (t.error !== null)
			add('turn-error', 'warning', `${t.server} refused a request of ${t.client}: ` +
				`${stunErrorText(t.error)}.`);
		if (t.integrity === 'wrong')
			add('turn-password', 'warning', `${t.username ?? t.client} used another password ` +
				`at ${t.server} than the one that is configured here.`);
		for (const p of t.permissions.filter((x) => x.error !== null))
			add('turn-denied', 'warning', `${t.server} does not relay to ${p.peer}: ` +
				`${stunErrorText(p.error)}.`);
		for (const c of t.channels.filter((x) => x.error !== null))
			add('turn-denied', 'warning', `${t.server} gives no channel to ${c.peer}: ` +
				`${stunErrorText(c.error)}.`);
		if (t.lost > 0)
			add('turn-lost', 'warning', `The relay ${t.server} itself lost ${t.lost} packets ` +
				`between its two sides.`);
	});
	return found;
}

const confidence = { sure: '', likely: ' (likely: two remotes compared)', weak: null };

/* One sentence a host: what NAT it is behind, where that is known. */
function nat({ record }) {
	const seen = new Set();
	const found = [];

	for (const n of record.nat) {
		const doubt = confidence[n.confidence];

		if (n.class === 'none' || n.class === 'unknown' || doubt === null ||
		    doubt === undefined || seen.has(host(n.addr)))
			continue;
		seen.add(host(n.addr));
		found.push({
			code: 'nat', severity: 'notice', side: null,
			text: `${capital(host(n.addr))} is behind ${natClasses[n.class] ?? n.class}, seen ` +
				`as ${n.mapped}${doubt}.`,
			evidence: [],
		});
	}
	return found;
}

function natBoth({ record }) {
	if (!record.diagnoses.some((d) => d.code === 'nat-symmetric'))
		return [];
	return [{
		code: 'nat-symmetric', severity: 'warning', side: null,
		text: 'Both sides are behind NATs that map each destination anew, and nobody offered ' +
			'a relay: they cannot reach each other.',
		evidence: record.ice.length > 0 ? [iceEvidence(record, record.ice.length - 1)] : [],
	}];
}

export const rtcRules = [iceFailed, natBoth, dtls, turn, iceUnknown, iceConnected, pairs,
	dtlsHidden, nat];
