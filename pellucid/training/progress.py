"""placeholder"""
def progress_callbacks(verbose, phase):
    return []
