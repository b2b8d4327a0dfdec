"""One outside thing each: files, HTTP, keys, trust, time-stamps, templates. Only our errors get out."""
