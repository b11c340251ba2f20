/** So far the mouse moves, pressed, before it is a drag and no click. In CSS pixels. */
const DISTANCE = 8;

/**
 * Calls `begin` when something is dragged away from the element. The native drag takes it from there, and never gives back the
 * button that was let go of: for pointer events it would stay down, so these are those of the mouse.
 */
export function dragAway(begin: () => void): (element: HTMLElement) => () => void {
  return (element) => {
    let from: { x: number; y: number } | null = null;
    const down = (event: MouseEvent) => {
      from = event.button === 0 ? { x: event.clientX, y: event.clientY } : null;
    };
    const move = (event: MouseEvent) => {
      if (from === null) return;
      if ((event.buttons & 1) === 0) from = null;
      else if (Math.hypot(event.clientX - from.x, event.clientY - from.y) >= DISTANCE) {
        from = null;
        begin();
      }
    };
    const forget = () => (from = null);
    element.addEventListener('mousedown', down);
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', forget);
    return () => {
      element.removeEventListener('mousedown', down);
      window.removeEventListener('mousemove', move);
      window.removeEventListener('mouseup', forget);
    };
  };
}
