// The one box, for the calls that are counted.
import { useEffect, useState } from 'preact/hooks';

export function Words({ q, error, onChange }) {
	const [text, setText] = useState(q);
	const bad = error?.code === 'bad_query';

	useEffect(() => setText(q), [q]);
	return (
		<form role="search" class="words" onSubmit={(event) => {
			event.preventDefault();
			onChange(text.trim());
		}}>
			<input type="search" data-search value={text}
				placeholder="all calls: or a search, trunk, ip:10.0.0.0/8 …"
				aria-label="Calls that are counted" autocomplete="off" spellcheck={false}
				aria-invalid={bad} onInput={(e) => setText(e.target.value)} />
			{bad && <p class="bad" role="alert">{error.message}</p>}
		</form>
	);
}
