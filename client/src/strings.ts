/** All texts of the page. Another language is another object of this type. */

import { type ProblemCode, type Reason, TYPE_NAMES } from "./contract.js";

export interface Strings {
  readonly page: {
    readonly broken: string;
    readonly note: (most: string) => string;
    readonly resultsEmpty: string;
    readonly forgotten: string;
  };
  readonly password: {
    readonly wrong: string;
    readonly empty: string;
    readonly checking: string;
    readonly slow: string;
  };
  readonly admission: {
    readonly empty: (name: string) => string;
    readonly tooLarge: (name: string, size: string, most: string) => string;
    readonly heic: (name: string) => string;
    readonly type: (name: string) => string;
    readonly name: (name: string) => string;
  };
  readonly state: {
    readonly sending: string;
    readonly checking: string;
    readonly accepted: string;
    readonly rejected: string;
    readonly refused: string;
    readonly failed: string;
    readonly held: string;
    readonly unknown: string;
  };
  readonly outcome: {
    readonly checking: string;
    readonly slow: string;
    readonly accepted: string;
    readonly held: string;
    readonly unknown: string;
  };
  readonly reasons: Readonly<Record<Reason, string>>;
  readonly problems: Readonly<Record<ProblemCode, string>>;
  readonly trouble: {
    readonly network: string;
    readonly retrying: string;
    readonly storage: string;
    readonly fileGone: string;
    readonly settingsChanged: string;
    readonly unexpected: string;
  };
  readonly uppy: Readonly<Record<string, string | { 0: string; 1: string }>>;
}

export const english: Strings = {
  page: {
    broken: "This page is not set up properly. Please tell the person who gave you the address.",
    note: (most) => `${TYPE_NAMES.slice(0, -1).join(", ")} or ${TYPE_NAMES.at(-1)}, up to ${most} each`,
    resultsEmpty: "Nothing yet. The result for each file will appear here.",
    forgotten: "Done. This browser keeps nothing of this page any more.",
  },
  password: {
    wrong: "This password is not right. Please check it and try again.",
    empty: "Please enter the password.",
    checking: "Checking the password…",
    slow: "The connection is bad. The password is still being checked.",
  },
  admission: {
    empty: (name) => `${name} is empty.`,
    tooLarge: (name, size, most) =>
      `${name} has ${size}; at most ${most} are accepted. Shorten the video or save it in a lower quality.`,
    heic: (name) =>
      `${name} is a HEIC photo, which is not accepted. On an iPhone choose Settings, Camera, Formats, Most compatible; ` +
      "or export the photo as JPEG.",
    type: (name) => `${name} is not an accepted kind of photo or video.`,
    name: (name) => `${name} has a name that is not accepted. Rename it and add it again.`,
  },
  state: {
    sending: "Sending",
    checking: "Being checked",
    accepted: "Accepted",
    rejected: "Refused",
    refused: "Not sent",
    failed: "Not sent",
    held: "Waiting for a person",
    unknown: "No answer yet",
  },
  outcome: {
    checking: "It has arrived and is being checked.",
    slow: "It has arrived. The check takes longer than usual; you do not have to wait.",
    accepted: "Thank you! Your file was accepted.",
    held: "It has arrived, but the automatic check failed. Our team will look at it; you do not need to do anything.",
    unknown: "It has arrived, but there is no result yet. You do not need to do anything.",
  },
  reasons: {
    unsupported_type:
      "This kind of file is not accepted. Send photos as JPEG or PNG, and videos as MP4 or MOV. For photos of an iPhone " +
      "choose Settings, Camera, Formats, Most compatible, or export them as JPEG.",
    type_mismatch:
      "The file is not what its name says. Correct the ending, or save it again in the program that created it.",
    malformed:
      "The file is damaged, incomplete, or built in an unusual way. Export or convert it again, a photo as JPEG, a video " +
      "as MP4, a drawing as plain SVG or PNG, and send that.",
    size_mismatch: "Not all of the file has arrived. Please send it again.",
    too_large: "The file is too large. Shorten the video or save it in a lower quality.",
    active_content:
      "The file runs or loads something, which is not accepted. Export a drawing as plain SVG with fonts and pictures " +
      "embedded, or as PNG.",
    polyglot: "Something else is hidden in or behind the picture. Save it again from a photo program, and send that.",
    decompression_bomb: "The picture has too many pixels, or the drawing is too complex. Save it smaller or simpler.",
    infected: "The virus scanner found something in this file, so it was not accepted. Check your device.",
    unscannable: "The file could not be checked for viruses, because it is encrypted or too complex. Save it plainly.",
    replayed: "This upload was finished before. Add the file again to send it again.",
    unknown_upload: "This upload is not known. Please add the file again.",
  },
  problems: {
    invalid_request: "The file cannot be accepted with this name. Rename it and add it again.",
    wrong_password: "The password is not right.",
    unsupported_type: "This kind of file is not accepted.",
    file_too_large: "The file is too large.",
    not_found: "The upload no longer exists. Please send the file again.",
    conflict: "The upload cannot be continued. Please send the file again.",
    throttled: "Too many attempts from here at the moment. Please try again in some minutes.",
    quota_exceeded: "No more files can be sent today. Please try again tomorrow.",
    unavailable: "The service is down for a moment. Please try again.",
    invalid_api_key: "This page is out of date. Reload it and try again.",
    forbidden: "This is not allowed from here.",
    internal: "Something went wrong on our side. Please try again.",
  },
  trouble: {
    network: "There is no connection. Everything sent so far is kept: try again when you are online.",
    retrying: "The connection is bad. Trying again; nothing sent so far is lost.",
    storage: "The storage refused the file. Please try again.",
    fileGone: "The file cannot be read any more. It may have been moved or changed; add it again.",
    settingsChanged: "This page has changed in the meantime. Reload it and add the file again.",
    unexpected: "Something went wrong. Please try again.",
  },
  uppy: {
    dropPasteFiles: "Drop photos and videos here, paste them or %{browseFiles}",
    dropPasteImportFiles: "Send photos and videos: %{browseFiles} or take one now",
    browseFiles: "choose files",
    myDevice: "Choose files",
    takePictureBtn: "Take a photo",
    recordVideoBtn: "Record a video",
    dashboardTitle: "Photos and videos to send",
    dropHint: "Drop them here",
    uploadXFiles: { 0: "Send %{smart_count} file", 1: "Send %{smart_count} files" },
    uploadXNewFiles: { 0: "Send %{smart_count} more file", 1: "Send %{smart_count} more files" },
    uploading: "Sending",
    uploadingXFiles: { 0: "Sending %{smart_count} file", 1: "Sending %{smart_count} files" },
    filesUploadedOfTotal: {
      0: "%{complete} of %{smart_count} file sent",
      1: "%{complete} of %{smart_count} files sent",
    },
    complete: "All sent",
    uploadComplete: "Sent",
    uploadFailed: "Not everything was sent",
    failedToUpload: "%{file} was not sent",
    noInternetConnection: "No connection: it goes on when you are online again",
    connectedToInternet: "Connected again",
    sessionRestored: "Where you left off",
    recoveredAllFiles: "Your files are still here. Go on sending them.",
    recoveredXFiles: {
      0: "One file is no longer available. Choose it again to continue.",
      1: "%{smart_count} files are not here any more. Choose them once more and go on.",
    },
    noDuplicates: "%{fileName} is in the list already",
  },
};
