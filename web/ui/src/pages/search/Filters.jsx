// The filter panel: fields that write terms into the one box.
import { diagnosisNames } from '../../core/flags.js';
import { getTerm, setTerm } from '../../core/terms.js';

const sides = { number: ['number', 'caller', 'callee'], ip: ['ip', 'caller-ip', 'callee-ip'] };
const states = ['completed', 'failed', 'cancelled', 'redirected', 'unanswered',
	'expired', 'active'];

const fields = [
	{ key: 'status', label: 'Status', hint: '486, 4xx' },
	{ key: 'state', label: 'State', options: states.map((s) => [s, s]) },
	{ key: 'type', label: 'Type', options: [['call', 'SIP call'], ['session', 'session']] },
	{ key: 'agent', label: 'Agent', hint: 'Linphone*' },
	{ key: 'codec', label: 'Codec', hint: 'opus' },
	{ key: 'mos', op: '<', label: 'MOS below', hint: '3.5' },
	{ key: 'loss', op: '>', label: 'Loss above', unit: '%', hint: '1' },
	{ key: 'jitter', op: '>', label: 'Jitter above', unit: 'ms', hint: '30' },
	{ key: 'duration', op: '>', label: 'Longer than', unit: 's', hint: '60' },
	{ key: 'duration', op: '<', label: 'Shorter than', unit: 's', hint: '5' },
	{ key: 'diag', label: 'Diagnosis', options: diagnosisNames() },
];

export function Filters({ q, onChange }) {
	const set = (key, op) => (value) => onChange(setTerm(q, key, op, value.trim()), true);

	return (
		<div class="filters" role="group" aria-label="Filters">
			<SideField q={q} keys={sides.number} label="Number" hint="49301* or *1234"
				onChange={onChange} />
			<SideField q={q} keys={sides.ip} label="IP or subnet" hint="10.0.0.0/24"
				onChange={onChange} />
			{fields.map(({ op = ':', ...f }) => (
				<Field key={f.key + op} {...f} value={getTerm(q, f.key, op)}
					onChange={set(f.key, op)} />
			))}
		</div>
	);
}

function Field({ label, unit, hint, options, value, onChange }) {
	const given = options?.some(([v]) => v === value);

	return (
		<label>
			<span>{label}{unit && <span class="unit">{unit}</span>}</span>
			{options ? (
				<select value={value} onChange={(e) => onChange(e.target.value)}>
					<option value="">any</option>
					{value && !given && <option value={value}>{value}</option>}
					{options.map(([v, words]) => <option key={v} value={v}>{words}</option>)}
				</select>
			) : (
				<input value={value} placeholder={hint} autocomplete="off"
					onChange={(e) => onChange(e.target.value)} />
			)}
		</label>
	);
}

/* A value that may be of either side, or of one. */
function SideField({ q, keys, label, hint, onChange }) {
	const key = keys.find((k) => getTerm(q, k)) ?? keys[0];
	const value = getTerm(q, key);
	const without = keys.reduce((text, k) => setTerm(text, k, ':', ''), q);

	return (
		<div class="side-field">
			<label>
				<span>{label}</span>
				<input value={value} placeholder={hint} autocomplete="off"
					onChange={(e) => onChange(setTerm(q, key, ':', e.target.value.trim()), true)} />
			</label>
			<select aria-label={`${label}: which side`} value={key} disabled={!value}
				onChange={(e) => onChange(setTerm(without, e.target.value, ':', value), true)}>
				<option value={keys[0]}>either side</option>
				<option value={keys[1]}>caller</option>
				<option value={keys[2]}>callee</option>
			</select>
		</div>
	);
}
