"""What submissions claimed to have as answers, kept beside the results, so that it can be judged again.

Every byte is a student's, on the way in and when it is read back: nothing is unpickled.
"""
