const KEY = 'mailscope.zone';

/** Whether this engine knows a zone of that name. */
function known(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function stored(): string | null {
  const zone = localStorage.getItem(KEY);
  return zone !== null && known(zone) ? zone : null;
}

/** The zone in which dates are told; kept. */
class ZoneChoice {
  /** A name of the zone database, such as "Europe/Vienna" or "UTC"; null for that of this computer. */
  choice = $state<string | null>(stored());

  choose(zone: string | null): void {
    this.choice = zone;
    if (zone === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, zone);
  }
}

export const zoneChoice = new ZoneChoice();

/** The zone of this computer, by name. */
export function ownZone(): string {
  return new Intl.DateTimeFormat('en').resolvedOptions().timeZone;
}

/** The zone of whoever reads, by name: the one that was chosen, or else that of this computer. */
export function readerZone(): string {
  return zoneChoice.choice ?? ownZone();
}

/** Tells moments in the zone that was chosen. */
export function dateFormat(options: Intl.DateTimeFormatOptions): (at: number | Date) => string {
  let made: { zone: string | null; format: Intl.DateTimeFormat } | undefined;
  return (at) => {
    const zone = zoneChoice.choice;
    if (made?.zone !== zone) {
      const within = zone === null ? options : { ...options, timeZone: zone };
      made = { zone, format: new Intl.DateTimeFormat('en-GB', within) };
    }
    return made.format.format(at);
  };
}

let parts: { zone: string; format: Intl.DateTimeFormat } | undefined;

/** Minutes east of UTC that the chosen zone has at a moment. */
export function offsetMinutes(at: number): number {
  const zone = zoneChoice.choice;
  if (zone === null) return -new Date(at).getTimezoneOffset();
  if (parts?.zone !== zone) {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    parts = { zone, format };
  }
  const told = Object.fromEntries(
    parts.format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = told;
  return Math.round(Date.UTC(year, month - 1, day, hour, minute) / 60_000 - Math.floor(at / 60_000));
}
