"""Volumes of medicine: NIfTI and its relatives, series of DICOM."""
