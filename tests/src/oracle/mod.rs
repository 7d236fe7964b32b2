//! Judges that no one here wrote. The only unsafe code of the tests is in these modules, and it only calls C.

pub mod kernel;
pub mod libpcap;
pub mod names;
