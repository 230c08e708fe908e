"""The checks, one file each; `doctor.CHECKS` has their order."""
