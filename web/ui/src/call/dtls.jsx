// DTLS handshakes: how they went, and whose certificates they showed.
import { Empty } from '../components/Notes.jsx';
import { Time } from '../components/Time.jsx';
import { number } from '../core/format.js';
import {
	dtlsState, dtlsStory, fingerprintVerdict, profileWords, setupWords,
} from './dtls_words.js';
import { useEvidence, useInView } from './use_evidence.js';

export default function Dtls({ call, time }) {
	const pointed = useEvidence(time, 'dtls')?.dtls;

	if (call.dtls.length === 0)
		return <Empty title="No DTLS">No handshake was seen.</Empty>;
	return (
		<div class="webrtc">
			{call.dtls.map((dtls, i) => (
				<Handshake key={i} dtls={dtls} time={time} pointed={i === pointed} />
			))}
		</div>
	);
}

const marks = { ok: '✓', bad: '✗', unknown: '?' };

function Handshake({ dtls, time, pointed }) {
	const ref = useInView(pointed);
	const { verdict, text } = fingerprintVerdict(dtls);

	return (
		<article class={`card${pointed ? ' pointed' : ''}`} ref={ref}>
			<h2>{dtls.client} → {dtls.server}</h2>
			<p class={['failed', 'unfinished'].includes(dtls.state) ? 'bad' : ''}>
				{dtlsStory(dtls)}
			</p>
			<p class={`verdict ${verdict}`}>
				<b aria-hidden="true">{marks[verdict]}</b> {text}
			</p>
			<dl class="facts">
				<dt>state</dt><dd>{dtlsState(dtls)}</dd>
				<dt>version</dt><dd>{dtls.version ?? 'not known'}</dd>
				<dt>cipher</dt><dd class="mono">{dtls.cipher ?? '–'}</dd>
				<dt>SRTP profile</dt><dd class="mono">{profileWords(dtls)}</dd>
				<dt>begun</dt><dd><When value={dtls.started} time={time} /></dd>
				<dt>took</dt><dd>{number(dtls.handshake_ms, 1)}
					<span class="unit">ms</span></dd>
				<dt>flights sent again</dt><dd>{number(dtls.retransmissions)}</dd>
				<dt>roles</dt><dd class={dtls.setup_match === false ? 'bad' : ''}>
					{setupWords(dtls)}</dd>
				<dt>client's certificate</dt><dd class="mono wrap">
					{dtls.fingerprint_client ?? '–'}</dd>
				<dt>server's certificate</dt><dd class="mono wrap">
					{dtls.fingerprint_server ?? '–'}</dd>
				<dt>alert</dt><dd>{dtls.alert ?? '–'}</dd>
				<dt>keys</dt><dd>{keysText(dtls)}</dd>
			</dl>
		</article>
	);
}

function keysText(dtls) {
	return { ok: 'known', wrong: 'known, and they do not fit' }[dtls.key_state] ??
		'not known';
}

function When({ value, time }) {
	if (!value)
		return '–';
	return (
		<>
			<Time value={value} />{' '}
			<span class="muted">
				{number(Date.parse(value) - time.startMs)} ms after the call's start
			</span>
		</>
	);
}
