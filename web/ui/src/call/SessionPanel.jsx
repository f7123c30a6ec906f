// What a session without SIP was: its two ends, how it was signalled, and how
// its media got through.
import { host, sideOf } from './facts.js';
import { iceWords } from './headline.js';

const signalling = {
	whip: 'WHIP (an HTTP request of application/sdp, the offer sends; RFC 9725)',
	whep: 'WHEP (an HTTP request of application/sdp, the offer only receives)',
	json: 'SDP inside of JSON, in WebSocket messages or HTTP bodies',
	xml: 'SDP inside of XML, in WebSocket messages or HTTP bodies',
	websocket: 'SDP inside of WebSocket messages',
	http: 'SDP inside of HTTP bodies',
};

const nobody = 'Nobody announced it where the tap could read: signalling may be encrypted, ' +
	'or take another way.';

export function SessionPanel({ call }) {
	const last = call.ice.at(-1);

	return (
		<div class="session">
			<table class="plain">
				<tbody>
					<Row name="Kind">{call.kind === 'rtp' ? 'RTP without ICE, DTLS or ' +
						'signalling' : 'WebRTC'}</Row>
					<Row name="Signalling">{signalling[call.signalling] ?? nobody}</Row>
					<Row name="ICE">{last ? iceWords(call) ?? last.result : 'no checks seen'}
						{call.ice.length > 1 && `, ${call.ice.length} entries`}</Row>
					<Row name="Transport">{call.transport.toUpperCase()}</Row>
					<Row name={<span class="side-a">Side a</span>}>{endOf(call, 'a')}</Row>
					<Row name={<span class="side-b">Side b</span>}>{endOf(call, 'b')}</Row>
				</tbody>
			</table>
			<p class="muted">Side a made the offer, or was seen first.</p>
		</div>
	);
}

function Row({ name, children }) {
	return <tr><th scope="row">{name}</th><td>{children}</td></tr>;
}

/* Hosts and candidate types of a side, what it sends, its NAT. */
function endOf(call, side) {
	const candidates = call.ice.flatMap((i) => i.candidates.filter((c) => c.side === side));
	const hosts = [...new Set([
		...candidates.filter((c) => c.type !== 'relay').map((c) => host(c.resolved ?? c.addr)),
		...call.streams.filter((s) => sideOf(s.sender) === side && s.hop === 1 && !s.turn)
			.map((s) => host(s.src)),
	].filter(Boolean))];
	const types = [...new Set(candidates.map((c) => c.type).filter(Boolean))];
	const sends = [...new Set(call.streams.filter((s) => sideOf(s.sender) === side &&
		s.hop === 1 && !s.repairs && s.codec).map((s) => `${s.media} ${s.codec}`))];
	const said = [
		hosts.join(', ') || 'address not seen',
		types.length > 0 ? `candidates: ${types.join(', ')}` : '',
		sends.length > 0 ? `sends ${sends.join(', ')}` : 'sends nothing that was seen',
	];

	return said.filter(Boolean).join('; ');
}
