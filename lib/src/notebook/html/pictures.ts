// Pictures of a self-contained page: data URLs in image elements, in which an SVG neither runs scripts nor loads files.
import { escapeHtml } from '../../core/escape-html.js';

const RASTER = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Whether an address is a data URL of a picture. */
export function isDataPicture(address: string): boolean {
  return /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i.test(address.trim());
}

/**
 * The address of a picture of a MIME bundle.
 * @param content SVG text, or base64
 * @returns null unless it is a picture of a known kind
 */
export function pictureAddress(mimeType: string, content: unknown): string | null {
  if (typeof content !== 'string') return null;
  if (mimeType === 'image/svg+xml') {
    return `data:image/svg+xml;base64,${Buffer.from(content).toString('base64')}`;
  }
  const base64 = content.replace(/\s+/g, '');
  return RASTER.includes(mimeType) && BASE64.test(base64) ? `data:${mimeType};base64,${base64}` : null;
}

/** An image element. @param size in CSS pixels */
export function pictureElement(
  address: string,
  { alt, size }: { alt: string; size?: { width?: unknown; height?: unknown } },
): string {
  const attributes = (['width', 'height'] as const).map((name) => {
    const value = size?.[name];
    return typeof value === 'number' && value > 0 ? ` ${name}="${Math.round(value)}"` : '';
  });
  return `<img src="${escapeHtml(address)}" alt="${escapeHtml(alt)}"${attributes.join('')}>`;
}
