// What the ICE grid means, in words. Pure; every sentence rests on a field of
// the report.

const numbers = {
	400: 'bad request', 401: 'unauthorized: the password does not fit',
	403: 'forbidden', 420: 'unknown attribute',
	438: 'stale nonce', 441: 'wrong credentials',
	486: 'allocation quota reached', 487: 'role conflict',
	500: 'server error', 508: 'insufficient capacity',
};

export function stunError(code) {
	const name = numbers[code];

	return name ? `${code} (${name})` : String(code);
}

function plural(n, one, many = `${one}s`) {
	return `${n} ${n === 1 ? one : many}`;
}

/* Which side's checks were not answered, of a pair that worked one way. */
function deafSide(pair) {
	if (pair.ab.requests > 0 && pair.ab.responses === 0)
		return 'a';
	if (pair.ba.requests > 0 && pair.ba.responses === 0)
		return 'b';
	return null;
}

function checksSent(pair) {
	const parts = [];

	if (pair.ab.requests)
		parts.push(`a sent ${plural(pair.ab.requests, 'check')}`);
	if (pair.ba.requests)
		parts.push(`b sent ${plural(pair.ba.requests, 'check')}`);
	return parts.join(', ') || 'no check was sent';
}

function oneWay(pair) {
	const deaf = deafSide(pair);
	const other = deaf === 'a' ? 'b' : 'a';

	if (!deaf)
		return 'Checks of one side were answered, those of the other were not.';
	return `Checks of ${other} were answered, those of ${deaf} were not, though the tap ` +
		`sees what comes back: a firewall in front of ${other} that lets nothing ` +
		'in, or answers that are lost behind the tap.';
}

function failedWhy(pair) {
	const turn = /^turn-(\d+)$/.exec(pair.reason ?? '');

	if (turn)
		return `No answer (${checksSent(pair)}): the relay refused the other end a ` +
			`permission with ${stunError(turn[1])}.`;
	if (pair.reason === 'no-answer')
		return `No answer: ${checksSent(pair)}, and the tap sees the way back. ` +
			'Something in between drops them: a firewall, a NAT, or no route.';
	if (pair.reason)
		return `Refused with ${stunError(pair.reason)}.`;
	return 'Failed.';
}

/* Why a pair ended as it did. */
export function pairWhy(pair) {
	if (pair.consent_lost)
		return 'It worked, and then its checks got no answer any more: the path broke.';
	if (pair.state === 'failed')
		return failedWhy(pair);
	if (pair.state === 'succeeded' && pair.reason === 'no-answer')
		return oneWay(pair);
	if (pair.state === 'succeeded')
		return pair.selected ? 'Checked, nominated and used.' :
			pair.nominated ? 'Checked and nominated; media used another pair.' :
			'Checked, but not nominated.';
	if (pair.state === 'not-tried')
		return 'Both candidates are known and fit each other, but nobody sent a check.';
	if (pair.state === 'in-progress')
		return 'The capture ended while checks were under way.';
	if (pair.selected)
		return 'The tap saw no answer to its checks, but media or DTLS used this pair.';
	return 'No answer was seen, but the tap does not see packets towards who sent ' +
		'the checks: nobody can say.';
}

/* "host 10.0.0.1:5000 – relay 10.0.0.4:40000" */
export function pairName(pair) {
	const end = (addr, type) =>
		`${type ? `${type} ` : ''}${addr ?? 'an address nobody saw'}`;

	return `${end(pair.local, pair.local_type)} – ` +
		end(pair.remote, pair.remote_type);
}

function isRelay(pair) {
	return pair.via_relay || pair.local_type === 'relay' ||
		pair.remote_type === 'relay';
}

function relayWhy(ice, pair) {
	const direct = ice.pairs.filter((p) => !isRelay(p));
	const tried = direct.filter((p) => p.state !== 'not-tried');
	const onlyRelay = ['a', 'b'].filter((side) => {
		const own = ice.candidates.filter((c) => c.side === side);

		return own.length > 0 && own.every((c) => c.type === 'relay');
	});

	if (onlyRelay.length)
		return `It goes through a relay because ${onlyRelay.join(' and ')} offered ` +
			'relay candidates only.';
	if (tried.some((p) => p.state === 'failed'))
		return 'It goes through a relay because no direct pair worked ' +
			`(${tried.length} of ${direct.length} tried).`;
	if (tried.some((p) => p.state === 'succeeded' && !p.reason))
		return 'It goes through a relay although a direct pair worked: the ' +
			'controlling side chose so.';
	return 'It goes through a relay.';
}

function connectedStory(ice) {
	const used = ice.pairs.filter((p) => p.selected);
	const lines = [];
	const took = ice.connect_ms === null ? '' :
		` ${ice.connect_ms < 1000 ? `${Math.round(ice.connect_ms)} ms` :
			`${(ice.connect_ms / 1000).toFixed(1)} s`} after the first check`;

	if (used.length === 0)
		lines.push(`Connected${took}; the tap saw no media on it.`);
	for (const p of used)
		lines.push(`Connected${took}${used.length > 1 ?
			` (component ${p.component})` : ''}: ${pairName(p)}.`);
	if (used.some(isRelay))
		lines.push(relayWhy(ice, used.find(isRelay)));
	else if (used.some((p) => p.local_type === 'prflx' || p.remote_type === 'prflx'))
		lines.push('It goes through a NAT whose mapping only the checks showed.');
	if (used.some((p) => p.consent_lost))
		lines.push('Later its checks got no answer any more: the path broke.');
	return lines;
}

/* Pairs that had the same fate as one, with the checks of all. */
function together(pairs) {
	const sum = (side) => pairs.reduce((n, p) => n + p[side].requests, 0);

	return {
		...pairs[0], ab: { ...pairs[0].ab, requests: sum('ab') },
		ba: { ...pairs[0].ba, requests: sum('ba') },
	};
}

/* A sentence for each reason why pairs failed, the most frequent first. */
function reasonsOf(pairs) {
	const by = new Map();

	for (const p of pairs) {
		const key = `${p.state} ${p.reason} ${p.state === 'succeeded' ? deafSide(p) : ''}`;

		by.set(key, [...by.get(key) ?? [], p]);
	}
	return [...by.values()].sort((x, y) => y.length - x.length).map((same) => {
		const one = together(same);
		const why = one.state === 'succeeded' ? oneWay(one) : failedWhy(one);

		return same.length > 1 ? `${same.length} pairs: ${why}` : why;
	});
}

function failedStory(ice) {
	const tried = ice.pairs.filter((p) => p.state !== 'not-tried');
	const lines = [`Failed: of ${plural(tried.length, 'pair')} that ` +
		`${tried.length === 1 ? 'was' : 'were'} checked none connected both ways.`];
	const bad = tried.filter((p) => p.state === 'failed' ||
		(p.state === 'succeeded' && p.reason));

	lines.push(...reasonsOf(bad).slice(0, 3));
	if (!ice.candidates.some((c) => c.type === 'relay'))
		lines.push('Nobody offered a relay candidate: a TURN server would have been ' +
			'the way around.');
	return lines;
}

const stories = {
	connected: connectedStory,
	failed: failedStory,
	restarted: (ice) => [
		...(ice.pairs.some((p) => p.state === 'succeeded') ?
			['This worked until ICE was restarted.'] :
			['ICE was restarted before anything was connected.']),
	],
	unknown: () => ['Whether it connected is not known: the tap sees one direction ' +
		'of the checks only, or the capture ended too early.'],
};

function nominationWords(ice) {
	const by = ice.controlling ? `, ${ice.controlling} controls` : '';

	if (ice.nomination === 'aggressive')
		return `Nomination is aggressive (USE-CANDIDATE before the pair was proved)${by}.`;
	if (ice.nomination === 'regular')
		return `Nomination is regular${by}.`;
	return null;
}

/* Sentences on one exchange: the result and why, then how it was done. */
export function iceStory(ice) {
	const lines = (stories[ice.result] ?? stories.unknown)(ice);
	const how = nominationWords(ice);
	const untried = ice.pairs.filter((p) => p.state === 'not-tried').length;

	if (how)
		lines.push(how);
	if (ice.lite)
		lines.push(ice.lite === 'both' ? 'Both sides are ICE-lite.' :
			`${ice.lite} is ICE-lite: it only answers checks.`);
	if (ice.role_conflicts)
		lines.push(`Both sides took the same role at first: ${
			plural(ice.role_conflicts, 'answer')} 487.`);
	if (untried)
		lines.push(`${plural(untried, 'pair')} ${untried === 1 ? 'was' : 'were'} ` +
			'never tried.');
	return lines;
}
