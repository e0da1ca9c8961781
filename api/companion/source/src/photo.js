// A photo as it leaves the device: smaller, and without the data a camera writes into it.

const LONGEST_SIDE = 2048;
const LARGEST = 15 * 1024 * 1024;
const AS_IT_IS = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"];

// Resolves to {bytes, type, blob}, or null where this is no photo we could send.
export async function prepared(file) {
  const blob = (await shrunk(file)) ?? (AS_IT_IS.includes(file.type) && file.size <= LARGEST ? file : null);
  return blob && { bytes: await blob.arrayBuffer(), type: blob.type, blob };
}

async function shrunk(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  } catch {
    return null; // a format this browser cannot read; the clinic's server may
  }
}
