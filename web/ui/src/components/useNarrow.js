import { useEffect, useState } from 'preact/hooks';

const query = '(max-width: 640px)';

/* Whether the window is as narrow as a phone. */
export function useNarrow() {
	const [narrow, setNarrow] = useState(() => matchMedia(query).matches);

	useEffect(() => {
		const media = matchMedia(query);
		const changed = () => setNarrow(media.matches);

		media.addEventListener('change', changed);
		return () => media.removeEventListener('change', changed);
	}, []);
	return narrow;
}
