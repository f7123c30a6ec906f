/*
 * What an engineer would say about a call, from measured facts only. Pure.
 *
 * A finding: {code, severity: error|warning|notice, side: 'a'|'b'|null, text: a
 * sentence, evidence: [{label, message, stream, ice, pair, dtls, turn, leg (a
 * uid), from, to}]}; evidence is what time.show() takes. "Likely" stands only beside its
 * reason. A diagnosis of the record that no rule here words better is shown
 * with its own sentence, so that none is lost.
 */
import { clock } from '../core/format.js';
import { capital, sideOf } from './facts.js';
import { captureRules } from './findings_capture.js';
import { codecRules } from './findings_codec.js';
import { lossRules } from './findings_loss.js';
import { mediaRules, missingRules } from './findings_media.js';
import { rtcRules } from './findings_rtc.js';
import { signallingRules } from './findings_signalling.js';
import { unixMs } from './time.js';

const rank = { error: 0, warning: 1, notice: 2 };

/* Of one severity those of the first rules come first. */
const rules = [...signallingRules, ...missingRules, ...lossRules, ...mediaRules, ...codecRules,
	...rtcRules, ...captureRules];

/* What a finding with another code says, too. */
const saidBy = {
	loss: ['loss', 'tap-loss'],
	retransmits: ['retransmits'],
};

/* Local time of a moment of the call, without milliseconds. */
function clockOf(record) {
	const start = unixMs(record.start) ?? 0;

	return (t) => clock(new Date(start + t).toISOString(), { ms: false });
}

function untold(record, found) {
	const told = new Set(found.map((f) => f.code));

	return record.diagnoses.filter((d) => !(saidBy[d.code] ?? [d.code])
		.some((code) => told.has(code))).map((d) => ({
		code: d.code, severity: d.severity, side: sideOf(d.side),
		text: `${capital(d.detail)}.`, evidence: [],
	}));
}

function byWeight(x, y) {
	return rank[x.severity] - rank[y.severity] || (y.weight ?? 0) - (x.weight ?? 0);
}

/* extra: timeline (of the API, or null), descriptions (of sdp_model.js, or
 * null), legs (rows of the API, or null) and uid (which of them this is), clock
 * (text of a moment; for tests). */
export function findings(record, extra = {}) {
	const ctx = {
		record,
		timeline: extra.timeline ?? null,
		descriptions: extra.descriptions ?? null,
		legs: extra.legs ?? null,
		uid: extra.uid ?? null,
		clock: extra.clock ?? clockOf(record),
	};
	const found = rules.flatMap((rule) => rule(ctx));

	return [...found, ...untold(record, found)].sort(byWeight);
}

/* How many of each severity. */
export function tally(list) {
	const counts = { error: 0, warning: 0, notice: 0 };

	for (const f of list)
		counts[f.severity]++;
	return counts;
}
