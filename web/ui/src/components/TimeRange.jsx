import { zone } from '../core/format.js';
import { fromInput, presets, rangeText, toInput } from '../core/timerange.js';
import { Menu } from './Menu.jsx';

/* Chooses { from, to } (core/timerange.js) for the address. */
export function TimeRange({ from, to, onChange }) {
	return (
		<Menu label={rangeText(from, to)} title="Time range" class="timerange">
			{(close) => (
				<>
					<div class="choices">
						{presets.map((p) => (
							<button type="button" key={p.label}
								aria-pressed={!to && (from || null) === p.from}
								onClick={() => {
									onChange({ from: p.from, to: null });
									close();
								}}>
								{p.label}
							</button>
						))}
					</div>
					<Own from={from} to={to} onChange={onChange} close={close} />
				</>
			)}
		</Menu>
	);
}

function Own({ from, to, onChange, close }) {
	function submit(event) {
		const form = new FormData(event.target);

		event.preventDefault();
		onChange({
			from: fromInput(form.get('from')),
			to: fromInput(form.get('to')),
		});
		close();
	}

	return (
		<form onSubmit={submit}>
			<label>from
				<input type="datetime-local" name="from" step="1" value={toInput(from)} />
			</label>
			<label>to
				<input type="datetime-local" name="to" step="1" value={toInput(to)} />
			</label>
			<button type="submit">Set</button>
			<span class="muted">{zone()}</span>
		</form>
	);
}
