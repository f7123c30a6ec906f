// What NAT a client is behind, in words (RFC 4787, 4.1). Pure.

export const classes = {
	'eim': 'endpoint-independent NAT (EIM): one mapping for all destinations',
	'adm': 'address-dependent NAT (ADM): another mapping for each remote IP',
	'apdm': 'address- and port-dependent NAT (APDM, "symmetric"): another mapping ' +
		'for each remote IP and port',
	'eim-or-adm': 'a NAT; what was seen does not tell endpoint-independent from ' +
		'address-dependent',
	'adm-or-apdm': 'a NAT that maps destinations apart; by IP only or by port too ' +
		'is not known',
	'unknown': 'a NAT of unknown kind',
};

const consequences = {
	eim: 'Direct connections work with most peers.',
	adm: 'Direct connections work unless the peer is behind a NAT of this kind, too.',
	apdm: 'Direct connections fail unless the other side is reachable at its own ' +
		'address; a relay is the sure way.',
};

const short = {
	'none': 'no NAT', 'eim': 'EIM', 'adm': 'ADM', 'apdm': 'APDM (symmetric)',
	'eim-or-adm': 'EIM or ADM', 'adm-or-apdm': 'ADM or APDM', 'unknown': 'unknown',
};

export function natShort(nat) {
	return short[nat.class] ?? nat.class;
}

function confidence(nat) {
	const seen = `${nat.remotes} remote ${nat.remotes === 1 ? 'address' : 'addresses'}`;

	return {
		sure: `sure, from ${seen}`,
		likely: `likely, from ${seen}`,
		weak: `weak: ${seen} and too little, or contradicting, evidence`,
	}[nat.confidence] ?? nat.confidence;
}

/* One sentence for an address, and what follows from it. */
export function natWords(nat) {
	const mapped = nat.mapped && nat.mapped !== nat.addr ?
		` It was last seen as ${nat.mapped}.` : '';

	return `${nat.addr} is ${nat.class === 'none' ? 'not behind a NAT' :
		`behind ${classes[nat.class] ?? nat.class}`} ` +
		`(${confidence(nat)}).${mapped}` +
		(consequences[nat.class] ? ` ${consequences[nat.class]}` : '');
}

function hostPart(addr) {
	return (addr ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/* The side whose candidate, stream or allocation has this address. */
export function natSide(call, nat) {
	for (const ice of call.ice)
		for (const c of ice.candidates)
			if (c.addr === nat.addr || c.related === nat.addr)
				return c.side;
	for (const s of call.streams)
		if (s.src === nat.addr && s.sender)
			return sideOf(s.sender);
	for (const side of ['caller', 'callee'])
		if (call[side] && hostPart(call[side].addr) === hostPart(nat.addr))
			return sideOf(side);
	return null;
}

/* a is the caller, b the callee. */
export function sideOf(sender) {
	return { caller: 'a', a: 'a', callee: 'b', b: 'b' }[sender] ?? null;
}

/* One row for each different finding of a side: a phone with many sockets
 * behind one NAT is one. */
export function natRows(call) {
	const rows = new Map();

	for (const nat of call.nat ?? []) {
		const side = natSide(call, nat);
		const key = [side, hostPart(nat.addr), nat.class, nat.confidence].join(' ');
		const row = rows.get(key);

		if (row)
			row.more++;
		else
			rows.set(key, { side, nat, more: 0, text: natWords(nat) });
	}
	return [...rows.values()]
		.sort((x, y) => (x.side ?? 'z').localeCompare(y.side ?? 'z'));
}
