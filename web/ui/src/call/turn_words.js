// TURN allocations in words (RFC 8656). Pure.
import { stunError } from './ice_words.js';

/* What became of an allocation, and whether that is wrong. */
export function turnState(turn) {
	if (turn.error && !turn.created)
		return { bad: true, text: `refused with ${stunError(turn.error)}` };
	if (turn.error)
		return { bad: true, text: `granted; later refused with ${stunError(turn.error)}` };
	if (!turn.created && turn.packets_up + turn.packets_down > 0)
		return { bad: false, text: 'made before the capture began' };
	if (!turn.created && (turn.realm || turn.software))
		return { bad: false, text: 'challenged; the client did not ask again' };
	if (!turn.created)
		return { bad: true, text: 'asked for, and the server did not answer' };
	if (turn.closed)
		return { bad: false, text: 'granted, and given back' };
	return { bad: false, text: 'granted; not given back while the tap looked' };
}

export function integrityWords(turn) {
	return {
		ok: 'password fits',
		wrong: 'password does not fit',
	}[turn.integrity] ?? 'not checked: no password is known';
}

/* What the relay adds itself, where the tap sees both sides of it. */
export function relayOwn(turn) {
	if (turn.delay_ms === null || turn.delay_ms === undefined)
		return 'not measured: the tap sees one side of the relay';
	return `${turn.delay_ms.toFixed(1)} ms delay, ${turn.lost ?? 0} packets lost`;
}

function deniedText(list, what) {
	return list.filter((x) => x.error)
		.map((x) => `${what} ${x.peer}: ${stunError(x.error)}`);
}

/* Peers that the server refused. */
export function turnDenied(turn) {
	return [
		...deniedText(turn.permissions, 'permission for'),
		...deniedText(turn.channels, 'channel to'),
	];
}
