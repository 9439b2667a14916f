/** Names the blobs of an upload. All of them live in one folder, which is removed with the upload. */
interface Owned {
  readonly id: string
  readonly userId: string
}

export const MEDIA_FOLDER = 'media'

/** Says which database the folder of the originals belongs to. */
export const INSTALLATION_KEY = `${MEDIA_FOLDER}/installation`

export const userFolder = (userId: string) => `${MEDIA_FOLDER}/${userId}`
export const uploadFolder = ({ id, userId }: Owned) => `${userFolder(userId)}/${id}`
export const originalKey = (upload: Owned & { readonly extension: string }) =>
  `${uploadFolder(upload)}/original.${upload.extension}`

export type RenditionName = 'thumbnail' | 'preview'
export const renditionKey = (upload: Owned, name: RenditionName) => `${uploadFolder(upload)}/${name}.webp`
