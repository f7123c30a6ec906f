// Diagnoses in two or three words, for a row of a list. Codes and severities
// are those of docs/REPORT.md. Pure.

/* code: [words, severity]; what is not here is shown by its code. */
const known = {
	'no-bye': ['no BYE', 'warning'],
	'no-final-response': ['no final response', 'warning'],
	'evicted': ['given up', 'warning'],
	'flood': ['flood', 'warning'],
	'no-ack': ['no ACK', 'warning'],
	'retransmits': ['sent again', 'notice'],
	'no-media': ['no media', 'error'],
	'one-way': ['one way', 'error'],
	'shared-media': ['media shared', 'notice'],
	'late-media': ['late media', 'warning'],
	'loss': ['loss', 'warning'],
	'sent-elsewhere': ['sent elsewhere', 'notice'],
	'jitter': ['jitter', 'warning'],
	'duplicates': ['duplicates', 'notice'],
	'tap-duplicates': ['tap doubles', 'notice'],
	'codec-change': ['codec changes', 'notice'],
	'codec-not-negotiated': ['codec not agreed', 'warning'],
	'glare': ['glare', 'notice'],
	'ice-failed': ['ICE failed', 'error'],
	'ice-unknown': ['ICE one-sided', 'notice'],
	'ice-slow': ['ICE slow', 'warning'],
	'ice-restart': ['ICE restart', 'notice'],
	'ice-role-conflict': ['ICE role conflict', 'notice'],
	'relay': ['relay', 'notice'],
	'consent-lost': ['consent lost', 'error'],
	'dtls-failed': ['DTLS failed', 'error'],
	'dtls-unfinished': ['DTLS unfinished', 'error'],
	'dtls-slow': ['DTLS slow', 'warning'],
	'dtls-hidden': ['encrypted', 'notice'],
	'fingerprint-mismatch': ['wrong fingerprint', 'error'],
	'setup-mismatch': ['DTLS roles', 'warning'],
	'keys-wrong': ['wrong keys', 'error'],
	'srtp-keys-wrong': ['wrong SRTP keys', 'error'],
	'srtp-unsupported': ['SRTP unsupported', 'notice'],
	'turn-failed': ['TURN failed', 'error'],
	'turn-error': ['TURN error', 'warning'],
	'turn-password': ['TURN password', 'warning'],
	'turn-denied': ['TURN denied', 'warning'],
	'nat-symmetric': ['symmetric NATs', 'warning'],
};

const order = { error: 0, warning: 1, notice: 2 };

/* [[code, words]] for a list to choose from. */
export function diagnosisNames() {
	return Object.entries(known).map(([code, [words]]) => [code, words]);
}

function lossOf(row) {
	const a = row.a_loss_pct >= 1;
	const b = row.b_loss_pct >= 1;
	const side = a && b ? 'both ways' : a ? 'from caller' : b ? 'from callee' : '';

	return {
		words: `loss ${side}`.trim(),
		severity: Math.max(row.a_loss_pct ?? 0, row.b_loss_pct ?? 0) >= 5 ?
			'error' : 'warning',
	};
}

function flagOf(code, row) {
	const [words, severity] = known[code] ?? [code, 'notice'];

	return code === 'loss' ? { code, ...lossOf(row) } : { code, words, severity };
}

function transcoded(row) {
	return row.type === 'call' && row.a_codec && row.b_codec &&
		row.a_codec.toLowerCase() !== row.b_codec.toLowerCase();
}

/* What to know about a row, worst first: [{ code, words, severity }]. */
export function flagsOf(row) {
	const flags = [...new Set(row.diagnoses ?? [])].map((c) => flagOf(c, row));

	if (transcoded(row))
		flags.push({ code: null, words: 'two codecs', severity: 'notice' });
	if (row.partial)
		flags.push({ code: null, words: `partial: ${row.partial}`, severity: 'notice' });
	return flags.sort((p, q) => order[p.severity] - order[q.severity]);
}
