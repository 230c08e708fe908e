"""What stays of a call: records, events, metrics. Nothing here delays one."""
