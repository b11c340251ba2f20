let open = 0;

/** Whether a dialog or a menu lies over the page. */
export function isCovered(): boolean {
  return open > 0;
}

/**
 * Tells the style sheet that something lies over the page, until the function that it gives is called. WebKitGTK without OpenGL paints
 * the scrollbars of the page last, over whatever covers them.
 */
export function covers(): () => void {
  open += 1;
  document.documentElement.dataset['covered'] = '';
  return () => {
    open -= 1;
    if (open === 0) delete document.documentElement.dataset['covered'];
  };
}
