// What can be taken along of a call, with sizes, or why not.
import { useEffect, useState } from 'preact/hooks';
import { bytes } from '../core/format.js';
import { audibility } from './audio_words.js';
import { downloadsOf } from './download_list.js';

/* Size of the recording: its headers are asked for, not its bytes. */
function useSize(item) {
	const [size, setSize] = useState(null);
	const href = item && !item.why ? item.href : null;

	useEffect(() => {
		const stop = new AbortController();

		setSize(null);
		if (!href)
			return undefined;
		fetch(href, { method: 'HEAD', signal: stop.signal, credentials: 'same-origin' })
			.then((answer) => answer.ok &&
				setSize(Number(answer.headers.get('Content-Length')) || null))
			.catch(() => {});
		return () => stop.abort();
	}, [href]);
	return size;
}

export default function Downloads({ call, session }) {
	const list = downloadsOf(call, session, audibility(call, session));
	const size = useSize(list.find((d) => d.id === 'pcap'));

	return (
		<ul class="downloads">
			{list.map((d) => (
				<li key={d.id} data-download={d.id}>
					{d.why ? <b class="muted">{d.title}</b> :
						<a href={d.href} download={d.file}>{d.title}</a>}
					<span class="muted">{d.why ?? d.about}
						{!d.why && d.id === 'pcap' && size !== null && `, ${bytes(size)}`}</span>
				</li>
			))}
		</ul>
	);
}
