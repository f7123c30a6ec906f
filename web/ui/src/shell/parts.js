// Parts of the header that other folders own; null where they are not there.
import Health from '../health/Health.jsx';

export { Health };
