/** So far the mouse moves, pressed, before it is a drag and no click. In CSS pixels. */
const DISTANCE = 8;

/**
 * Calls `begin` when something is dragged away from the element. The native drag takes it from there, and never gives back the
 * button that was let go of: for pointer events it would stay down, so these are those of the mouse.
 */
export function dragAway(begin: () => void): (element: HTMLElement) => () => void {
  return (element) => {
    let from: { x: number; y: number } | null = null;
    // Only while the button is down does the window listen: there is one of these for each row of a list.
    const forget = () => {
      from = null;
      window.removeEventListener('mousemove', move);
      window.removeEventListener('mouseup', forget);
    };
    const move = (event: MouseEvent) => {
      if (from === null || (event.buttons & 1) === 0) forget();
      else if (Math.hypot(event.clientX - from.x, event.clientY - from.y) >= DISTANCE) {
        forget();
        begin();
      }
    };
    const down = (event: MouseEvent) => {
      if (event.button !== 0) return;
      from = { x: event.clientX, y: event.clientY };
      window.addEventListener('mousemove', move);
      window.addEventListener('mouseup', forget);
    };
    element.addEventListener('mousedown', down);
    return () => {
      element.removeEventListener('mousedown', down);
      forget();
    };
  };
}
