/** When and where a photograph was taken, as its EXIF data says. */
export interface TimeAndPlace {
  /** Seconds since 1970 by the clock of the camera, which has no time zone; undefined without a date. */
  readonly time?: number | undefined;
  /** Degrees north and east; undefined without a position. */
  readonly place?: { readonly latitude: number; readonly longitude: number } | undefined;
}

/** Reads the EXIF data of a file; a file without any, or with damaged ones, has neither time nor place. */
export async function timeAndPlace(bytes: Uint8Array): Promise<TimeAndPlace> {
  const { default: exifr } = await import('exifr');
  try {
    const tags = (await exifr.parse(bytes, {
      pick: ['DateTimeOriginal', 'CreateDate', 'GPSLatitude', 'GPSLatitudeRef', 'GPSLongitude', 'GPSLongitudeRef'],
      reviveValues: false,
    })) as Record<string, unknown> | undefined;
    return { time: secondsOf(tags?.DateTimeOriginal ?? tags?.CreateDate), place: placeOf(tags) };
  } catch {
    return {};
  }
}

/** '2026:11:28 14:16:13' */
function secondsOf(value: unknown): number | undefined {
  const parts = /^(\d{4})\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)/
    .exec(String(value ?? ''))
    ?.slice(1)
    .map(Number);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts;
  // Cameras whose clock was never set write zeros.
  if (year < 1900 || month < 1 || day < 1) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function placeOf(tags: Record<string, unknown> | undefined): TimeAndPlace['place'] {
  const { latitude, longitude } = (tags ?? {}) as { latitude?: unknown; longitude?: unknown };
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  const isOnEarth = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  // Exactly 0, 0 is what receivers without a fix write.
  return isOnEarth && (latitude !== 0 || longitude !== 0) ? { latitude, longitude } : undefined;
}
