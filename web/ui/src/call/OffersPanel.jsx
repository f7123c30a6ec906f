// Offers and answers beside each other, m-line by m-line, with what each
// changed of what its side had said before.
import { useMemo } from 'preact/hooks';
import { Time } from '../components/Time.jsx';
import { at, capital, sideName } from './facts.js';
import { relative } from './ladder_text.js';
import { codecText, compared } from './sdp_model.js';

const states = {
	answered: '', pending: 'no answer', refused: 'refused',
	glare: 'glare: both sides had made an offer',
};

export function OffersPanel({ call, texts, setQuery }) {
	const list = useMemo(() => compared(call, texts), [call, texts]);
	const fromText = list.some((x) => x.offer.fromText);

	return (
		<div class="offers">
			{list.map((x, n) => (
				<Exchange key={n} n={n} exchange={x} call={call} setQuery={setQuery} />
			))}
			{!fromText && <p class="muted">Addresses, fingerprints and suites stand in the text
				of the messages, which was not recorded or is not for your role.</p>}
		</div>
	);
}

function Exchange({ n, exchange, call, setQuery }) {
	const { offer, answer, state } = exchange;
	const lines = Math.max(offer.media.length, answer?.media.length ?? 0);

	return (
		<section class={`exchange ${state}`}>
			<h2>Offer {n + 1}{states[state] && <span class={state === 'refused' ? 'bad' : ''}>
				{' '}– {states[state]}</span>}</h2>
			<div class="scroll-x">
				<table class="plain">
					<thead>
						<tr>
							<th class="mline">m-line</th>
							<Column d={offer} call={call} setQuery={setQuery} words="Offer" />
							{answer ? <Column d={answer} call={call} setQuery={setQuery}
								words="Answer" /> : <th>No answer</th>}
						</tr>
					</thead>
					<tbody>
						{Array.from({ length: lines }, (_, i) => (
							<tr key={i}>
								<th scope="row" class="mline">{nameOf(offer, answer, i)}</th>
								<Line d={offer} i={i} />
								{answer ? <Line d={answer} i={i} offered={offer.media[i]} /> :
									<td />}
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}

function nameOf(offer, answer, i) {
	const m = offer.media[i] ?? answer?.media[i];

	return `${m.kind}${m.mid === null ? '' : ` (mid ${m.mid})`}`;
}

function Column({ d, call, setQuery, words }) {
	const t = at(call, d.time);

	return (
		<th>
			<span class={`side-${d.side}`}>{words} of {sideName(call, d.side)}</span>{' '}
			<span class="muted">
				{d.message >= 0 ? (
					<button type="button" class="link" onClick={() => setQuery(
						{ tab: 'messages', m: d.message }, { replace: true })}>
						{relative(t)}
					</button>
				) : <span>{relative(t)} (<Time value={d.time} />)</span>}
				{d.version !== null && `, version ${d.version}`}
				{d.iceLite && ', ice-lite'}
			</span>
			{d.changes?.length === 0 && <span class="muted"> – nothing changed</span>}
		</th>
	);
}

/* Codecs that were offered and are not in the answer are said, too. */
function Line({ d, i, offered }) {
	const m = d.media[i];

	if (!m)
		return <td class="muted">no such line</td>;
	const changes = (d.changes ?? []).filter((c) => c.line === i);
	const refused = (offered?.codecs ?? []).filter((c) => !m.codecs.includes(c));

	return (
		<td class={m.rejected ? 'rejected' : ''}>
			{m.rejected && <span class="badge bad">rejected</span>}
			<dl>
				<Field name="address" value={m.address ?? (m.port === null ? null :
					`port ${m.port}`)} mono />
				<Field name="direction" value={m.direction} strong={m.direction !== 'sendrecv'} />
				<Field name="codecs" value={codecText(m.codecs)} />
				{offered && !m.rejected && refused.length > 0 &&
					<Field name="left out" value={codecText(refused)} />}
				<Field name="SRTP" value={srtpOf(m)} mono />
				<Field name="ICE" value={iceOf(m)} />
				<Field name="bundle" value={[m.bundle ? 'BUNDLE' : '', m.rtcpMux ?
					'rtcp-mux' : ''].filter(Boolean).join(', ')} />
			</dl>
			{changes.length > 0 && (
				<ul class="changes" aria-label="What changed">
					{changes.map((c, k) => <li key={k}>{capital(c.text)}</li>)}
				</ul>
			)}
		</td>
	);
}

function Field({ name, value, mono, strong }) {
	if (value === null || value === undefined || value === '')
		return null;
	return (
		<div>
			<dt>{name}</dt>
			<dd class={`${mono ? 'mono' : ''}${strong ? ' strong' : ''}`}>{value}</dd>
		</div>
	);
}

function srtpOf(m) {
	return [...(m.crypto ?? []), m.fingerprint === null ? null :
		`DTLS ${m.fingerprint}${m.setup ? `, setup ${m.setup}` : ''}`].filter(Boolean).join(', ');
}

function iceOf(m) {
	if (m.ufrag === null)
		return null;
	return `ufrag ${m.ufrag}` + (m.candidates > 0 ? `, ${m.candidates} ` +
		`${m.candidates === 1 ? 'candidate' : 'candidates'}` : '');
}
