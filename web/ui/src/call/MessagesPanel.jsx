// All messages as a list, and the text of the chosen one.
import { useMay } from '../shell/Session.jsx';
import { ErrorNote, Skeleton } from '../components/Notes.jsx';
import { Time } from '../components/Time.jsx';
import { bytes } from '../core/format.js';
import { at, host } from './facts.js';
import { hopOf } from './ladder_layout.js';
import { relative } from './ladder_text.js';
import { MessageView } from './MessageView.jsx';
import { messageTitle } from './sip_names.js';
import { chosenMessage } from './use_call_keys.js';

export function MessagesPanel({ call, messages, texts, rows, query, setQuery }) {
	const chosen = chosenMessage(rows, query);
	const choose = (m) => setQuery({ m }, { replace: true });

	if (messages.error)
		return <ErrorNote error={messages.error} again={messages.again} />;
	return (
		<div class="messages">
			{chosen !== null && (messages.slow ? <Skeleton rows={6} /> : texts &&
				<MessageView rows={rows} texts={texts} index={chosen} query={query}
					setQuery={setQuery} why={<Why answer={messages.data} />} />)}
			<List call={call} rows={rows} chosen={chosen} choose={choose} />
		</div>
	);
}

/* Why there is no text, as the server says it or by the role. */
function Why({ answer }) {
	const may = useMay('analyst');

	if (answer?.why)
		return answer.why;
	return may ? 'The text of this message is not there: the packets of the call were ' +
		'not recorded, or are no longer kept.' :
		'Texts of messages are for analysts: ask whoever gave you the login for that role.';
}

function List({ call, rows, chosen, choose }) {
	return (
		<div class="scroll-x">
			<table class="plain message-list">
				<thead>
					<tr>
						<th class="right">#</th><th class="right">Time</th>
						<th class="clock">Clock</th><th>Message</th>
						<th>From</th><th>To</th><th class="right">CSeq</th>
						<th class="right">Size</th><th>Notes</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((m, i) => (
						<tr key={i} class={i === chosen ? 'chosen' : ''}>
							<td class="right muted">{i + 1}</td>
							<td class="right">{relative(at(call, m.time))}</td>
							<td class="clock"><Time value={m.time} /></td>
							<td>
								<button type="button" class="link"
									aria-pressed={i === chosen} onClick={() => choose(i)}>
									{messageTitle(m)}
								</button>
							</td>
							<td title={m.src}>{host(m.src)}</td>
							<td title={m.dst}>{host(m.dst)}</td>
							<td class="right">{m.cseq ?? '–'}</td>
							<td class="right">{bytes(m.len)}</td>
							<td>{notes(call, i)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function notes(call, i) {
	const m = call.messages[i];

	if (!m)
		return '';
	const hop = hopOf(call, i);

	return [m.retransmission ? 'again' : '', hop > 1 ? `hop ${hop}` : '']
		.filter(Boolean).join(', ');
}
