"""One outside thing each: files, HTTP, keys, templates. Only our errors get out."""
