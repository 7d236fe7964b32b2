//! How the driver is linked: by the kit's library on a Windows machine that has it, otherwise by plain linker options.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(driver_model__driver_type, values(\"WDM\"))");
    #[cfg(all(windows, feature = "wdk"))]
    {
        wdk_build::configure_wdk_binary_build().expect("the Windows Driver Kit is not set up");
    }
    #[cfg(not(all(windows, feature = "wdk")))]
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "windows") {
        // A driver, native, entered at DriverEntry; with a checksum, and the same bytes for the same sources.
        for option in
            ["/DRIVER", "/NODEFAULTLIB", "/SUBSYSTEM:NATIVE", "/ENTRY:DriverEntry", "/RELEASE", "/Brepro", "/DYNAMICBASE", "/NXCOMPAT", "/HIGHENTROPYVA", "/PDBALTPATH:snapgate.pdb"]
        {
            println!("cargo::rustc-cdylib-link-arg={option}");
        }
    }
}
